import { InvalidKey } from '../invalid-key.js';
import { CERTIFICATE_SUFFIX } from './ssh-certificate.js';
import { type SshSigner, typeOfBlob } from './ssh-signer.js';
import { SshWire } from './ssh-wire.js';
import { string, uint32, uint64 } from './ssh-wire-writer.js';

/** A certificate that lets its holder log in: OpenSSH's PROTOCOL.certkeys. */
export interface UserCertificate {
  /** The blob of the key that is certified. */
  readonly publicKey: Buffer;
  readonly serial: bigint;
  readonly keyId: string;
  /** At least one: without any, OpenSSH of some configurations takes a certificate for every user. */
  readonly principals: readonly string[];
  /** Seconds since 1970. */
  readonly validAfter: number;
  readonly validBefore: number;
  readonly forceCommand?: string;
  /** Networks in CIDR notation. */
  readonly sourceAddresses?: readonly string[];
  readonly extensions: readonly string[];
  /** 32 random bytes, which keep what is signed unpredictable. */
  readonly nonce: Buffer;
}

const USER = 1;

/** The type that certificates of a type of key have. */
export const certificateType = (keyType: string): string => keyType.replace(/@openssh\.com$/, '') + CERTIFICATE_SUFFIX;

/** Whether there are certificates of this type of key. */
export const isCertifiable = (keyType: string): boolean => KEY_TYPES.has(certificateType(keyType));

/** The first word of a certificate's line. */
export const typeOfCertificate = typeOfBlob;

/** The signed blob. Throws TypeError without principals. */
export async function signUserCertificate(certificate: UserCertificate, signer: SshSigner): Promise<Buffer> {
  const { publicKey, serial, keyId, principals, validAfter, validBefore, nonce } = certificate;
  if (principals.length === 0) throw new TypeError('A certificate needs a principal.');
  const keyType = typeOfBlob(publicKey);
  const body = Buffer.concat([
    string(certificateType(keyType)),
    string(nonce),
    publicKey.subarray(string(keyType).length),
    uint64(serial),
    uint32(USER),
    string(keyId),
    string(Buffer.concat(principals.map(string))),
    uint64(BigInt(validAfter)),
    uint64(BigInt(validBefore)),
    string(criticalOptions(certificate)),
    // Sorted, as the protocol requires.
    string(Buffer.concat(certificate.extensions.toSorted().map((name) => option(name, '')))),
    string(''),
    string(signer.publicKey),
  ]);
  return Buffer.concat([body, string(await signer.sign(body))]);
}

function criticalOptions({ forceCommand, sourceAddresses }: UserCertificate): Buffer {
  return Buffer.concat([
    ...(forceCommand === undefined ? [] : [option('force-command', string(forceCommand))]),
    ...(sourceAddresses === undefined ? [] : [option('source-address', string(sourceAddresses.join(',')))]),
  ]);
}

const option = (name: string, value: string | Buffer): Buffer => Buffer.concat([string(name), string(value)]);

/** Reads a certificate of {@link signUserCertificate} or ssh-keygen; the signature is not verified. Throws InvalidKey. */
export function readUserCertificate(blob: Buffer): UserCertificate & { readonly signerKey: Buffer } {
  const wire = new SshWire(blob);
  const type = wire.name('the type');
  const nonce = wire.string('the nonce');
  const keyType = KEY_TYPES.get(type);
  if (keyType === undefined)
    throw new InvalidKey('openssh-certificate', 'it is no certificate of a key that is known.');
  const fields = Array.from({ length: keyType.strings }, () => string(wire.string('the key')));
  const publicKey = Buffer.concat([string(keyType.name), ...fields]);
  const serial = wire.uint64('the serial number');
  if (wire.uint32('the kind of certificate') !== USER)
    throw new InvalidKey('openssh-certificate', 'the certificate is not one of a user.');
  const keyId = wire.string('the key id').toString();
  const principals = texts(wire.string('the principals'));
  const validAfter = Number(wire.uint64('the start of validity'));
  const validBefore = Number(wire.uint64('the end of validity'));
  const critical = options(wire.string('the critical options'));
  const extensions = [...options(wire.string('the extensions')).keys()];
  wire.string('the reserved field');
  const signerKey = wire.string('the key that signed');
  wire.string('the signature');
  wire.end();
  const [forceCommand, addresses] = [critical.get('force-command'), critical.get('source-address')];
  const limits = {
    ...(forceCommand !== undefined && { forceCommand }),
    ...(addresses !== undefined && { sourceAddresses: addresses.split(',') }),
  };
  return { publicKey, serial, keyId, principals, validAfter, validBefore, ...limits, extensions, nonce, signerKey };
}

/** Keys that can be certified, by the type of the certificate, and how many strings follow the type in their blob. */
const KEY_TYPES: ReadonlyMap<string, { readonly name: string; readonly strings: number }> = new Map(
  Object.entries({
    'ssh-ed25519': 1,
    'ssh-rsa': 2,
    'ecdsa-sha2-nistp256': 2,
    'ecdsa-sha2-nistp384': 2,
    'ecdsa-sha2-nistp521': 2,
    'sk-ssh-ed25519@openssh.com': 2,
    'sk-ecdsa-sha2-nistp256@openssh.com': 3,
  }).map(([name, strings]) => [certificateType(name), { name, strings }]),
);

function texts(bytes: Buffer): string[] {
  const wire = new SshWire(bytes);
  const found: string[] = [];
  while (!wire.done) found.push(wire.string('a principal').toString());
  return found;
}

function options(bytes: Buffer): Map<string, string> {
  const wire = new SshWire(bytes);
  const found = new Map<string, string>();
  while (!wire.done) {
    const name = wire.string('the name of an option').toString();
    const value = wire.string('the value of an option');
    found.set(name, value.length === 0 ? '' : new SshWire(value).string('the value of an option').toString());
  }
  return found;
}
