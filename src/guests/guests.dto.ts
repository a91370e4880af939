import { PageQuery } from '../http/pages.js';
import {
  Strict,
  type Envelope,
  Rules,
  isBoolean,
  isEach,
  isLong,
  isOneOf,
  isText,
  Optional,
  orNull,
} from '../http/shapes/shape.js';
import { DRIVE_FILESYSTEMS, DRIVE_SOURCES, type DriveFilesystem, type DriveSource } from './config-drive-files.js';
import {
  areAddresses,
  areKeyNames,
  areLoginUsers,
  isAddress,
  isHostname,
  isMetadata,
  isNetworkData,
  isPlainText,
  isSshCa,
  isUserData,
  isUuid,
  isVendorData,
} from './guest-rules.js';

const isShort = isLong(1, 255);

/** What may be said of a guest, at first and later. Null takes away. */
@Strict()
class GuestFields {
  @Optional(isText, isShort, isHostname) hostname?: string;
  @Optional(isText, isShort, isPlainText) availability_zone?: string;

  /** The name of the network of a metadata listener: its METADATA_NETWORK. */
  @Optional(isText, isShort, isPlainText) network?: string;
  @Optional(areAddresses) addresses?: string[];
  @Optional(areKeyNames) key_names?: string[];

  /** Whether it receives its keypairs as they are when it asks, with the overlap of a rotation, and not copies. */
  @Optional(isBoolean) follow_keys?: boolean;

  /** Whether it accepts certificates of the SSH certificate authority; `sshd`: in the configuration of sshd, where revocations count. */
  @Optional(isSshCa) ssh_ca?: boolean | 'sshd';

  /** Whether certificates are for its owner only, or for every member of its project who asks for one. */
  @Optional(isText, isOneOf('owner', 'project')) ssh_access?: 'owner' | 'project';

  /** The accounts of the guest that live keys, and certificates with `sshd`, are for. */
  @Optional(orNull(areLoginUsers)) login_users?: string[] | null;
  @Optional(isMetadata) metadata?: Record<string, string>;
  @Optional(orNull(isUserData)) user_data?: string | null;
  @Optional(orNull(isVendorData)) vendor_data?: object | null;
  @Optional(orNull(isNetworkData)) network_data?: object | null;
}

/** A change of a guest; `key_names` copies the keypairs anew. */
@Strict()
export class ChangedGuest extends GuestFields {
  @Optional(isText, isShort, isPlainText) name?: string;
}

/** A guest to register. Without a hostname it is made of the name. */
@Strict()
export class NewGuest extends GuestFields {
  @Rules(isText, isShort, isPlainText) name: string;
  @Optional(isText, isUuid) id?: string;

  /** The owner of the guest; only administrators may set another one. */
  @Optional(isText, isShort, isPlainText) user_id?: string;
  @Optional(isText, isShort, isPlainText) project_id?: string;
}

export const newGuest: Envelope<NewGuest> = { property: 'guest', shape: NewGuest };
export const changedGuest: Envelope<ChangedGuest> = { property: 'guest', shape: ChangedGuest };

/** A page of the caller's guests. If a parameter is repeated, its last value counts. */
export class KnownHostsQuery extends PageQuery {
  /** The id of the last guest of the page before. */
  @Optional(isEach(isText, isUuid)) marker?: string[];
}

/** A page of guests, and whose. If a parameter is repeated, its last value counts. */
export class GuestsQuery extends KnownHostsQuery {
  @Optional(isEach(isText)) user_id?: string[];

  /** For administrators: the guests of all users. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];

  /** Only the guest with this address. Administrators find those of all users. */
  @Optional(isEach(isText, isAddress)) address?: string[];

  /** Only the guests that hold a keypair of this name: of the caller, of `user_id`, or of all users with `all_users`. */
  @Optional(isEach(isText)) key_name?: string[];
}

/** Which data source of an agent the drive is for, and its file system; of several the last counts. */
@Strict()
export class ConfigDriveQuery {
  /** `openstack`, labelled config-2, or `nocloud`, labelled cidata. */
  @Optional(isEach(isOneOf(...(Object.keys(DRIVE_SOURCES) as DriveSource[])))) source?: DriveSource[];

  /** That of the image: `iso9660`, which is the default, or `vfat`. */
  @Optional(isEach(isOneOf(...DRIVE_FILESYSTEMS))) filesystem?: DriveFilesystem[];
}
