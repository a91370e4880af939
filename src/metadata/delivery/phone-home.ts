import { InvalidKey } from '../../crypto/invalid-key.js';
import type { Keys } from '../../crypto/keys.js';
import { KeypairType } from '../../domain/keypair-type.js';
import { Refusal } from '../refusal.js';

/** Where guests report their host keys, below the URL of the metadata listener. */
export const PHONE_HOME_PATH = 'latchkey/v1/phone-home';

/** Bytes of a report: Neutron's agents read no more of a request (neutron.agent.metadata). */
export const MAX_REPORT_BYTES = 4096;

/** Fields of cloud-init's module phone_home, in the order that clients prefer the keys in. */
const FIELDS = ['pub_key_ed25519', 'pub_key_ecdsa', 'pub_key_rsa'];

/** What cloud-init sends for a key that the guest does not have. */
const ABSENT = 'N/A';

/** The cloud-config that makes cloud-init report the host keys, once for each instance. */
export const phoneHomeConfig = (baseUrl: string): string => `#cloud-config
phone_home:
  url: ${JSON.stringify(`${baseUrl.replace(/\/+$/, '')}/${PHONE_HOME_PATH}`)}
  post: [${FIELDS.join(', ')}]
`;

/** The host keys in a report of cloud-init, one on each line, without their comments. Throws {@link Refusal}. */
export function hostKeysIn(form: string, keys: Keys): string {
  const fields = new URLSearchParams(form);
  const texts = FIELDS.map((field) => fields.get(field)?.trim() ?? ABSENT).filter((text) => text !== ABSENT);
  if (texts.length === 0) throw new Refusal(400, `A report needs one of the fields ${FIELDS.join(', ')}.`);
  return texts.map((text) => hostKey(text, keys)).join('\n');
}

function hostKey(text: string, keys: Keys): string {
  try {
    const [algorithm, blob] = keys.forGuest(text, KeypairType.Ssh).split(' ');
    if (/^(?:ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa)$/.test(algorithm)) return `${algorithm} ${blob}`;
  } catch (error) {
    if (!(error instanceof InvalidKey)) throw error;
  }
  throw new Refusal(400, 'A host key must be a public key of OpenSSH: Ed25519, ECDSA or RSA.');
}
