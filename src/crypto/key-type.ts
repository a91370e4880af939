import type { KeyObject } from 'node:crypto';
import type { KeyPolicy } from './key-policy.js';
import type { ListedKeys } from './listed-keys.js';

/** How keys are checked. */
export interface KeyRules {
  readonly policy: KeyPolicy;
  /** Refuse a certificate outside its validity dates; Nova takes it. */
  readonly refuseExpired?: boolean;
  /** Keys that the strict policy refuses; the bundled ones unless given. */
  readonly listed?: ListedKeys;
}

/** A public key or certificate that has been read and passed the rules. */
export interface CheckedKey {
  /** Colons and hex, as Nova shows it: MD5 of the blob of an SSH key, SHA-1 of the DER of a certificate. */
  readonly fingerprint: string;
  /** SHA-256 of the same bytes. */
  readonly sha256: Buffer;
}

/** What a stored key is, whatever policy accepted it. */
export interface KeyDescription {
  /** The blob of an SSH key, the DER of a certificate. */
  readonly bytes: Buffer;
  /** As `ssh-keygen` and OpenSSL name it. */
  readonly algorithm: string | undefined;
  readonly bits: number | undefined;
  readonly comment: string;
  /** Undefined for a key that is no certificate. */
  readonly certificate: CertificateDescription | undefined;
}

export interface CertificateDescription {
  readonly subject: string;
  readonly alternativeNames: string | undefined;
  /** The first user principal name, by which Windows finds the account. */
  readonly principal: string | undefined;
  /** As OpenSSL prints them. */
  readonly validFrom: string;
  readonly validTo: string;
}

/** A key pair made by the service. Only this value holds the private key, which is returned once, and neither stored nor logged. */
export interface GeneratedKey extends CheckedKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

export interface GenerateOptions {
  /** The id of the owner of the pair. */
  readonly owner: string;
  /** How long a certificate is valid. */
  readonly days: number;
  readonly makeRsa: () => Promise<KeyObject>;
}

/** Everything the service knows of a key type. `key-types.ts` has one entry for each value of {@link KeypairType}. */
export interface KeyType {
  /** Whether a text looks like this type, valid or not. */
  readonly matches: (text: string) => boolean;
  /** Nova's text before the reason of a refusal; clients compare the beginning of a message. */
  readonly refusalPrefix: string;
  /** Throws InvalidKey, and nothing else, whatever the text. */
  readonly inspect: (publicKey: string, rules: KeyRules) => CheckedKey;
  /** Throws InvalidKey if the text holds no key. */
  readonly describe: (publicKey: string) => KeyDescription;
  /** What the fingerprint is made with. */
  readonly fingerprintKind: 'md5' | 'sha1';
  /** The fingerprint, as Nova shows it, of the bytes of a key. */
  readonly fingerprintOf: (bytes: Buffer) => string;
  /** A SHA-256 fingerprint as `ssh-keygen -l` or `openssl x509 -fingerprint` writes it, in lower case. */
  readonly showSha256: (digest: Buffer) => string;
  readonly generate: (options: GenerateOptions) => Promise<GeneratedKey>;
  /** The algorithm of a stored key, as audit lines and metrics name it: one of few words. */
  readonly algorithmOf: (publicKey: string) => string;
  /** The key of a stored text, written anew for guests: never a second line, options or control characters. */
  readonly forGuest: (publicKey: string) => string;
  /** The object of `meta_data.json` that holds the keys of this type by name, and the value of a key there. */
  readonly metadataMember: string;
  readonly metadataValue: (keyForGuest: string) => string;
  /** Whether the EC2 tree lists it: agents take all keys there for SSH keys. */
  readonly isInEc2: boolean;
  /** When a stored key ends, in milliseconds since 1970, Infinity for one that cannot be read; undefined for a type without an end. */
  readonly endOf: ((publicKey: string) => number) | undefined;
}
