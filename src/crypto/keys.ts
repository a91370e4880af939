import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config, InvalidConfig } from '../config/config.js';
import type { KeypairType } from '../domain/keypair-type.js';
import { InvalidKey } from './invalid-key.js';
import type { CheckedKey, GeneratedKey, KeyRules, KeyType } from './key-type.js';
import { KEY_TYPES, typeOfText } from './key-types.js';
import { InvalidKeyList, type ListedKeys, listedKeys } from './listed-keys.js';
import { RsaMaker } from './rsa/rsa-maker.js';

/** The keys of users: reads, generates, and rewrites them for guests. */
@Injectable()
export class Keys implements OnApplicationShutdown {
  private readonly rsa = new RsaMaker();
  private readonly rules: KeyRules;

  /** Throws InvalidConfig if the list of WEAK_KEYS_FILE cannot be used. */
  constructor(@Inject(CONFIG) private readonly config: Config) {
    const { keyPolicy: policy, x509RefuseExpired: refuseExpired, weakKeysFile } = config;
    this.rules = {
      policy,
      refuseExpired,
      listed: openListedKeys(weakKeysFile),
    };
  }

  /** Reads a public key or certificate. Without a type the text decides. Throws InvalidKey, whatever the text. */
  inspect(text: string, type: KeypairType = typeOfText(text)): CheckedKey & { readonly type: KeypairType } {
    const keyType = KEY_TYPES[type];
    try {
      return { type, ...keyType.inspect(text, this.rules) };
    } catch (error) {
      throw withPrefix(error, keyType);
    }
  }

  /** Generates a key pair for a user. Throws KeyGenerationBusy if too many requests wait for one. */
  async generate(type: KeypairType, owner: string): Promise<GeneratedKey> {
    const { rsaKeyBits, x509Days: days } = this.config;
    const keyType = KEY_TYPES[type];
    try {
      return await keyType.generate({ owner, days, makeRsa: () => this.rsa.make(rsaKeyBits) });
    } catch (error) {
      throw withPrefix(error, keyType);
    }
  }

  /** The key of a stored text, rewritten as one line of SSH or one block of PEM. Throws InvalidKey if it holds none. */
  forGuest(text: string, type: KeypairType = typeOfText(text)): string {
    return KEY_TYPES[type].forGuest(text);
  }

  /** Runs after the last request was answered, so no request loses the key it waits for. */
  async onApplicationShutdown(): Promise<void> {
    await this.rsa.stop();
  }
}

function openListedKeys(paths: string | undefined): ListedKeys {
  try {
    return listedKeys(paths);
  } catch (error) {
    throw error instanceof InvalidKeyList ? new InvalidConfig([error.message]) : error;
  }
}

/** Adds the prefix of the key's type to a refusal. */
function withPrefix(error: unknown, { refusalPrefix: prefix }: KeyType): unknown {
  return error instanceof InvalidKey ? new InvalidKey(error.code, error.reason, { cause: error.cause, prefix }) : error;
}
