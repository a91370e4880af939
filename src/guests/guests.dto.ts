import { Closed, type Envelope, Follows, isDigits, isEach, isLong, isText, MayBeAbsent } from '../http/shape.js';
import {
  areAddresses,
  areKeyNames,
  isHostname,
  isMetadata,
  isNetworkData,
  isPlainText,
  isUserData,
  isUuid,
  isVendorData,
  orNull,
} from './guest-rules.js';

const isStorable = isLong(1, 255);

/** What may be said of a guest, at first and later. Null takes away. */
@Closed()
class GuestFields {
  @MayBeAbsent()
  @Follows(isText, isStorable, isHostname)
  hostname?: string;

  @MayBeAbsent()
  @Follows(isText, isStorable, isPlainText)
  availability_zone?: string;

  /** The name of the network of a metadata listener: its METADATA_NETWORK. */
  @MayBeAbsent()
  @Follows(isText, isStorable, isPlainText)
  network?: string;

  @MayBeAbsent()
  @Follows(areAddresses)
  addresses?: string[];

  @MayBeAbsent()
  @Follows(areKeyNames)
  key_names?: string[];

  @MayBeAbsent()
  @Follows(isMetadata)
  metadata?: Record<string, string>;

  @MayBeAbsent()
  @Follows(orNull(isUserData))
  user_data?: string | null;

  @MayBeAbsent()
  @Follows(orNull(isVendorData))
  vendor_data?: object | null;

  @MayBeAbsent()
  @Follows(orNull(isNetworkData))
  network_data?: object | null;
}

/** A change of a guest; `key_names` copies the keypairs anew. */
@Closed()
export class ChangedGuest extends GuestFields {
  @MayBeAbsent()
  @Follows(isText, isStorable, isPlainText)
  name?: string;
}

/** A guest to register. Without a hostname it is made of the name. */
@Closed()
export class NewGuest extends GuestFields {
  @Follows(isText, isStorable, isPlainText)
  name: string;

  @MayBeAbsent()
  @Follows(isText, isUuid)
  id?: string;

  /** Whose guest it is, which administrators may say. */
  @MayBeAbsent()
  @Follows(isText, isStorable, isPlainText)
  user_id?: string;

  @MayBeAbsent()
  @Follows(isText, isStorable, isPlainText)
  project_id?: string;
}

export const newGuest: Envelope<NewGuest> = { property: 'guest', shape: NewGuest };
export const changedGuest: Envelope<ChangedGuest> = { property: 'guest', shape: ChangedGuest };

/** Which page of whose guests; of several the last counts. */
@Closed()
export class GuestsQuery {
  @MayBeAbsent()
  @Follows(isEach(isLong(1, Infinity), isDigits))
  limit?: string[];

  /** The id of the last guest of the page before. */
  @MayBeAbsent()
  @Follows(isEach(isText, isUuid))
  marker?: string[];

  @MayBeAbsent()
  @Follows(isEach(isText))
  user_id?: string[];
}
