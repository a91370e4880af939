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
  /** The name of a keypair of the caller, or else of the project. */
  @Rules(isText, isLong(1, 255)) keypair: string;

  /** Ids of guests that are registered with ssh_ca. */
  @Optional(areGuestIds) guests?: string[];

  /** Whether every guest of the project lets it in whose owner set ssh_access to `project`. */
  @Optional(isBoolean) project?: boolean;

  /** Names of any kind, such as accounts; only administrators may. */
  @Optional(arePrincipals) principals?: string[];

  /** SSH_CERT_TTL unless given, and at most SSH_CERT_MAX_TTL. */
  @Optional(isText, isTtl) ttl?: string;

  /** Networks in CIDR notation that the log-in must come from. */
  @Optional(areNetworks) source_addresses?: string[];

  /** What runs in place of the requested command or shell. */
  @Optional(isText, isLong(1, 1024), isPlainText) force_command?: string;

  /** permit-pty and permit-port-forwarding unless given. */
  @Optional(areExtensions) extensions?: string[];
}

export const newCertificate: Envelope<NewCertificate> = { property: 'certificate', shape: NewCertificate };

/** Which certificates are listed; of several values the last counts. */
export class CertificatesQuery extends PageQuery {
  /** The serial number after which the page begins. */
  @Optional(isEach(isLong(1, 18), isDigits)) marker?: string[];
  @Optional(isEach(isText)) keypair?: string[];

  /** Only those that are valid now. */
  @Optional(isEach(isOneOf('true', 'false'))) active?: string[];
  @Optional(isEach(isText)) user_id?: string[];

  /** For administrators: the certificates of all users. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];
}
