import { isPlainText } from '../guests/guest-rules.js';
import { PageQuery } from '../http/pages.js';
import {
  type Envelope,
  isBoolean,
  isDigits,
  isEach,
  isLong,
  isOneOf,
  isText,
  Optional,
  Rules,
  Strict,
} from '../http/shapes/shape.js';
import { areExtensions, areGuestIds, areNetworks, arePrincipals, isTtl } from './certificate-rules.js';

/** A certificate to sign: at least one of guests, project and principals determines where it is accepted. */
@Strict()
export class NewCertificate {
  /** The name of the keypair to certify: one of the caller, or else one of the project. */
  @Rules(isText, isLong(1, 255)) keypair: string;

  /** The ids of guests that accept the certificate; they must be registered with ssh_ca. */
  @Optional(areGuestIds) guests?: string[];

  /** Whether all guests of the project with ssh_access `project` accept the certificate. */
  @Optional(isBoolean) project?: boolean;

  /** Arbitrary principals, such as account names; administrators only. */
  @Optional(arePrincipals) principals?: string[];

  /** The lifetime, at most SSH_CERT_MAX_TTL. Default: SSH_CERT_TTL. */
  @Optional(isText, isTtl) ttl?: string;

  /** The only networks from which the certificate may be used, in CIDR notation. */
  @Optional(areNetworks) source_addresses?: string[];

  /** The command that runs instead of the requested command or shell. */
  @Optional(isText, isLong(1, 1024), isPlainText) force_command?: string;

  /** Default: permit-pty and permit-port-forwarding. */
  @Optional(areExtensions) extensions?: string[];
}

export const newCertificate: Envelope<NewCertificate> = { property: 'certificate', shape: NewCertificate };

/** Which certificates are listed. If a parameter is repeated, its last value counts. */
export class CertificatesQuery extends PageQuery {
  /** The serial number of the last certificate of the previous page. */
  @Optional(isEach(isLong(1, 18), isDigits)) marker?: string[];
  @Optional(isEach(isText)) keypair?: string[];

  /** Only certificates that are currently valid. */
  @Optional(isEach(isOneOf('true', 'false'))) active?: string[];
  @Optional(isEach(isText)) user_id?: string[];

  /** Administrators only: the certificates of all users. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];
}
