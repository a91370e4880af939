import { DEFAULT_KEYPAIR_TYPE, KeypairType } from '../domain/keypair-type.js';
import type { KeyType } from './key-type.js';
import { SSH_KEY_TYPE } from './ssh/ssh-key-type.js';
import { X509_KEY_TYPE } from './x509/x509-key-type.js';

/** Each key type. To add one, add a value to KeypairType and a migration for it: the compiler points at what is missing here. */
export const KEY_TYPES: Readonly<Record<KeypairType, KeyType>> = {
  [KeypairType.Ssh]: SSH_KEY_TYPE,
  [KeypairType.X509]: X509_KEY_TYPE,
};

const TYPES = Object.values(KeypairType);

/** The type that a text looks like; the default where it looks like none. */
export function typeOfText(text: string): KeypairType {
  return TYPES.find((type) => KEY_TYPES[type].matches(text)) ?? DEFAULT_KEYPAIR_TYPE;
}
