import { InvalidKey } from '../../crypto/invalid-key.js';
import { KEY_TYPES, typeOfText } from '../../crypto/key-types.js';
import type { KeyPolicy } from '../../crypto/key-type.js';
import { InvalidKeyList, type ListedKeys, listedKeys } from '../../crypto/listed-keys.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { CliError, EXIT } from '../cli-error.js';
import type { OptionsOf } from '../global-options.js';
import { fingerprintOf } from '../keys/fingerprints.js';
import { PAIR_TYPES } from '../keys/pair-types.js';
import { type Row, showRecord } from '../output/show.js';
import { readPublicKey } from './public-key-file.js';

type CheckOptions = OptionsOf<{ readonly policy: KeyPolicy }>;

/** Shows whether the service would accept a public key, and its properties. Throws CliError if the policy refuses it. */
export async function checkKey(file: string, options: CheckOptions): Promise<void> {
  const text = await readPublicKey(file, options, EXIT.failed);
  const refusalOf = intake();
  const type = typeOfText(text);
  const refusals = { strict: refusalOf(text, type, 'strict'), nova: refusalOf(text, type, 'nova') };
  const refusal = refusals[options.policy];
  if (refusals.strict === undefined || refusals.nova === undefined) {
    const verdicts = { strict: verdict(refusals.strict), nova: verdict(refusals.nova) };
    await showRecord(
      { type, ...PAIR_TYPES[type].describe(KEY_TYPES[type].describe(text)), ...fingerprints(text), ...verdicts },
      options,
    );
  }
  if (refusal !== undefined) throw new CliError(`${file} would be refused: ${refusal}`);
}

function verdict(refusal: string | undefined): string {
  return refusal === undefined ? 'taken' : `refused: ${refusal}`;
}

type Intake = (text: string, type: KeypairType, policy: KeyPolicy) => string | undefined;

/** Checks keys as the service does, with its list of weak keys: returns why a key is refused, or undefined. */
export function intake(): Intake {
  const listed = openListedKeys();
  return (text, type, policy) => {
    try {
      KEY_TYPES[type].inspect(text, { policy, listed });
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

function fingerprints(text: string): Row {
  return { md5: fingerprintOf(text, 'md5'), sha256: fingerprintOf(text, 'sha256') };
}
