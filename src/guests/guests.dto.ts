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

/** The properties that can be set at registration and later; null removes one. */
@Strict()
class GuestFields {
  @Optional(isText, isShort, isHostname) hostname?: string;
  @Optional(isText, isShort, isPlainText) availability_zone?: string;

  /** The network of the metadata listener that serves the guest: its METADATA_NETWORK. */
  @Optional(isText, isShort, isPlainText) network?: string;
  @Optional(areAddresses) addresses?: string[];
  @Optional(areKeyNames) key_names?: string[];

  /** Whether it receives the current keys of its keypairs, including rotated keys during their overlap, instead of copies. */
  @Optional(isBoolean) follow_keys?: boolean;

  /** Whether it accepts certificates of the SSH certificate authority; `sshd`: through its sshd configuration, which also honours revocations. */
  @Optional(isSshCa) ssh_ca?: boolean | 'sshd';

  /** Who may request certificates for it: only its owner, or every member of its project. */
  @Optional(isText, isOneOf('owner', 'project')) ssh_access?: 'owner' | 'project';

  /** The accounts of the guest that followed keys, and certificates with `sshd`, are valid for. */
  @Optional(orNull(areLoginUsers)) login_users?: string[] | null;
  @Optional(isMetadata) metadata?: Record<string, string>;
  @Optional(orNull(isUserData)) user_data?: string | null;
  @Optional(orNull(isVendorData)) vendor_data?: object | null;
  @Optional(orNull(isNetworkData)) network_data?: object | null;
}

/** A change of a guest; `key_names` copies the keypairs again. */
@Strict()
export class ChangedGuest extends GuestFields {
  @Optional(isText, isShort, isPlainText) name?: string;
}

/** A guest to register. The hostname defaults to one derived from the name. */
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
  /** The id of the last guest of the previous page. */
  @Optional(isEach(isText, isUuid)) marker?: string[];
}

/** A page of guests, and whose. If a parameter is repeated, its last value counts. */
export class GuestsQuery extends KnownHostsQuery {
  @Optional(isEach(isText)) user_id?: string[];

  /** Administrators only: the guests of all users. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];

  /** Only the guest with this address; for administrators, among the guests of all users. */
  @Optional(isEach(isText, isAddress)) address?: string[];

  /** Only guests that hold a keypair of this name: those of the caller, of `user_id`, or with `all_users` of all users. */
  @Optional(isEach(isText)) key_name?: string[];
}

/** The data source that the drive is for, and its file system. If a parameter is repeated, its last value counts. */
@Strict()
export class ConfigDriveQuery {
  /** The data source: `openstack` (volume label config-2) or `nocloud` (volume label cidata). */
  @Optional(isEach(isOneOf(...(Object.keys(DRIVE_SOURCES) as DriveSource[])))) source?: DriveSource[];

  /** The file system of the image: `iso9660` (default) or `vfat`. */
  @Optional(isEach(isOneOf(...DRIVE_FILESYSTEMS))) filesystem?: DriveFilesystem[];
}
