import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config, InvalidConfig } from '../config/config.js';
import { KeypairType } from '../domain/keypair-type.js';
import type { GeneratedKey, KeyKind, PublicKey } from './key-kinds.js';
import { InvalidKey } from './invalid-key.js';
import { InvalidKeyList, type ListedKeys, listedKeys } from './listed-keys.js';
import { RsaMaker } from './rsa/rsa-maker.js';
import { sshKeys } from './ssh/ssh-keys.js';
import { kindOfText } from './text-kind.js';
import { x509Keys } from './x509/x509-keys.js';

/** The keys of users: read, made, and written for guests. */
@Injectable()
export class Keys implements OnApplicationShutdown {
  private readonly rsa = new RsaMaker();
  private readonly kinds: Record<KeypairType, KeyKind>;

  /** Throws InvalidConfig where the list of WEAK_KEYS_FILE cannot be used. */
  constructor(@Inject(CONFIG) config: Config) {
    const { keyPolicy: policy, x509RefuseExpired: refuseExpired } = config;
    const listed = openListedKeys(config.weakKeysFile);
    const makeRsa = () => this.rsa.make(config.rsaKeyBits);
    this.kinds = {
      [KeypairType.Ssh]: sshKeys(policy, listed, makeRsa),
      [KeypairType.X509]: x509Keys({ policy, refuseExpired, listed }, config.x509Days, makeRsa),
    };
  }

  /** Reads a public key or certificate. Without a type the text tells it. Throws InvalidKey, whatever the text. */
  inspect(text: string, type: KeypairType = typeOfText(text)): PublicKey {
    const kind = this.kinds[type];
    try {
      return kind.inspect(text);
    } catch (error) {
      throw withPrefix(error, kind);
    }
  }

  /** Makes a key pair for a user. Throws KeyGenerationBusy when too many are waited for. */
  async generate(type: KeypairType, owner: string): Promise<GeneratedKey> {
    const kind = this.kinds[type];
    try {
      return await kind.generate(owner);
    } catch (error) {
      throw withPrefix(error, kind);
    }
  }

  /** The key of a stored text, written anew: one line of SSH, or one block of PEM. Throws InvalidKey when it holds none. */
  forGuest(text: string, type: KeypairType = typeOfText(text)): string {
    return this.kinds[type].forGuest(text);
  }

  /** Comes after the last request was answered, so nobody who still waits for a key is left out. */
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

/** The one place that knows the type of every refused key. */
function withPrefix(error: unknown, { refusalPrefix: prefix }: KeyKind): unknown {
  return error instanceof InvalidKey ? new InvalidKey(error.code, error.reason, { cause: error.cause, prefix }) : error;
}

function typeOfText(text: string): KeypairType {
  return kindOfText(text) === 'an X.509 certificate' ? KeypairType.X509 : KeypairType.Ssh;
}
