import { type KeyObject, X509Certificate } from 'node:crypto';
import { InvalidKey } from '../../crypto/invalid-key.js';
import type { KeyPolicy } from '../../crypto/key-policy.js';
import { InvalidKeyList, type ListedKeys, listedKeys } from '../../crypto/listed-keys.js';
import { parseSshPublicKey } from '../../crypto/ssh/ssh.js';
import { sshKeys } from '../../crypto/ssh/ssh-keys.js';
import { kindOfText } from '../../crypto/text-kind.js';
import { parseCertificate } from '../../crypto/x509/x509.js';
import { KeypairType } from '../../domain/keypair-type.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { OptionsOf } from '../global-options.js';
import { fingerprintOf } from '../keys/fingerprints.js';
import { sizeOfCertificateKey, sizeOfSshKey } from '../keys/key-size.js';
import { tell } from '../output/print.js';
import { type Row, showRecord } from '../output/show.js';
import { readPublicKeyFile } from './public-key-file.js';

export type CheckOptions = OptionsOf<{ readonly policy: KeyPolicy }>;

/** Shows what the service would say of a public key, and what the key is. Throws CliError where the policy refuses it. */
export async function checkKey(file: string, options: CheckOptions): Promise<void> {
  const { text, notes } = await readPublicKeyFile(file, EXIT.failed);
  if (!options.quiet) notes.forEach((note) => tell(note));
  const refusalOf = intake();
  const type = kindOfText(text) === 'an X.509 certificate' ? KeypairType.X509 : KeypairType.Ssh;
  const refusals = { strict: refusalOf(text, type, 'strict'), nova: refusalOf(text, type, 'nova') };
  const refusal = refusals[options.policy];
  if (refusals.strict === undefined || refusals.nova === undefined) {
    const verdicts = { strict: verdict(refusals.strict), nova: verdict(refusals.nova) };
    const facts = type === KeypairType.X509 ? factsOfCertificate(text) : factsOfSshKey(text);
    await showRecord({ type, ...facts, ...verdicts }, options);
  }
  if (refusal !== undefined) throw new CliError(`${file} would be refused: ${refusal}`);
}

function verdict(refusal: string | undefined): string {
  return refusal === undefined ? 'taken' : `refused: ${refusal}`;
}

type Intake = (text: string, type: KeypairType, policy: KeyPolicy) => string | undefined;

/** What the service would say, with its list of weak keys: why it refuses a key, or undefined where it takes it. */
function intake(): Intake {
  const listed = openListedKeys();
  return (text, type, policy) => {
    try {
      if (type === KeypairType.X509) parseCertificate(text, { policy, listed });
      else sshKeys(policy, listed, noKeys).inspect(text);
      return undefined;
    } catch (error) {
      if (error instanceof InvalidKey) return error.reason;
      throw error;
    }
  };
}

function openListedKeys(): ListedKeys {
  try {
    return listedKeys(process.env.WEAK_KEYS_FILE);
  } catch (error) {
    throw error instanceof InvalidKeyList ? new CliError(error.message, EXIT.config) : error;
  }
}

function noKeys(): Promise<KeyObject> {
  return Promise.reject(new Error('Nothing is made here.'));
}

function factsOfSshKey(text: string): Row {
  const { type: algorithm, blob, comment } = parseSshPublicKey(text, 'nova');
  return { algorithm, bits: sizeOfSshKey(algorithm, blob), comment, ...fingerprints(text) };
}

function factsOfCertificate(text: string): Row {
  const { der, fingerprint: sha1 } = parseCertificate(text, { policy: 'nova' });
  const { subject, subjectAltName, validFrom, validTo, publicKey } = new X509Certificate(der);
  const now = Date.now();
  const dates = { 'valid from': isoDate(validFrom), 'valid to': isoDate(validTo) };
  const isValid = Date.parse(validFrom) <= now && now <= Date.parse(validTo);
  return {
    algorithm: publicKey.asymmetricKeyType,
    bits: sizeOfCertificateKey(publicKey),
    subject,
    'alternative names': subjectAltName,
    ...dates,
    'valid now': isValid ? 'yes' : 'no',
    sha1,
    ...fingerprints(text),
  };
}

function fingerprints(text: string): Row {
  return { md5: fingerprintOf(text, 'md5'), sha256: fingerprintOf(text, 'sha256') };
}

function isoDate(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
