import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { InvalidKey } from '../crypto/invalid-key.js';
import { Keys } from '../crypto/keys.js';
import { DomainError } from '../domain/domain-error.js';
import { excerpt } from '../domain/excerpt.js';
import type { Caller } from '../domain/caller.js';
import {
  type Creator,
  KeypairRepository,
  type ListedKeypairs,
  type Listing,
  NameTaken,
  NONE,
  QuotaExceeded,
  type StoredKeypair,
} from '../persistence/keypair.repository.js';
import type { KeypairType } from '../domain/keypair-type.js';

/** The user has no keypair of that name. */
export class KeypairNotFound extends DomainError {
  constructor(name: string, ownerId: string) {
    super('keypair-not-found', `Keypair ${excerpt(name)} not found for user ${excerpt(ownerId)}`);
  }
}

/** The page after a keypair that is not there. */
export class MarkerNotFound extends DomainError {
  constructor(marker: string) {
    super('keypair-marker-not-found', `Marker ${excerpt(marker)} could not be found.`);
  }
}

/** A key that the client made. Without a type it is told from the text. */
export interface KeyToImport {
  readonly name: string;
  readonly publicKey: string;
  readonly type: KeypairType | undefined;
}

/** A keypair as it was just made; the private key is in here and nowhere else. */
export interface CreatedKeypair {
  readonly name: string;
  readonly userId: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly privateKey?: string;
}

/** The rules of keypairs. */
@Injectable()
export class KeypairsService {
  constructor(
    private readonly keypairs: KeypairRepository,
    private readonly keys: Keys,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Stores a public key for `ownerId`. Throws QuotaExceeded, then InvalidKey, then NameTaken. */
  async import(caller: Caller, ownerId: string, wanted: KeyToImport): Promise<CreatedKeypair> {
    const creator = this.creator(caller);
    const { name, publicKey } = wanted;
    const { type, fingerprint } = await this.inspected(creator, ownerId, wanted);
    const keypair = { userId: ownerId, name, type, fingerprint, publicKey };
    await this.keypairs.add(keypair, creator);
    return keypair;
  }

  /** Makes a pair for `ownerId` and stores its public half. Throws QuotaExceeded, then NameTaken, before any work is done. */
  async generate(caller: Caller, ownerId: string, name: string, type: KeypairType): Promise<CreatedKeypair> {
    const creator = this.creator(caller);
    if (await this.keypairs.isFull(ownerId, creator)) throw new QuotaExceeded();
    if (await this.keypairs.exists(ownerId, name)) throw new NameTaken(name);
    const { fingerprint, publicKey, privateKey } = await this.keys.generate(type, ownerId);
    const keypair = { userId: ownerId, name, type, fingerprint, publicKey };
    await this.keypairs.add(keypair, creator);
    return { ...keypair, privateKey };
  }

  /** One keypair; of another type than `only` there is none. Throws {@link KeypairNotFound}. */
  async show(ownerId: string, name: string, only?: KeypairType): Promise<StoredKeypair> {
    const keypair = await this.keypairs.find(ownerId, name);
    if (!keypair || (only ?? keypair.type) !== keypair.type) throw new KeypairNotFound(name, ownerId);
    return keypair;
  }

  /** Keypairs by name, as many as are wanted after the marker. Throws {@link MarkerNotFound}. */
  async list(wanted: Listing): Promise<ListedKeypairs> {
    const { userId, marker, limit } = wanted;
    if (marker !== undefined && !(await this.keypairs.exists(userId, marker))) throw new MarkerNotFound(marker);
    return limit === 0 ? NONE : this.keypairs.list(wanted);
  }

  /** The fingerprint of what is gone now, where it is known. Throws {@link KeypairNotFound}. */
  async delete(ownerId: string, name: string): Promise<string | undefined> {
    const removed = await this.keypairs.remove(ownerId, name);
    if (!removed) throw new KeypairNotFound(name, ownerId);
    return removed.fingerprint;
  }

  /** Nova checks the quota before the key, so that a user who is over it is told that even of a bad key. */
  private async inspected(creator: Creator, ownerId: string, { publicKey, type }: KeyToImport) {
    try {
      return this.keys.inspect(publicKey, type);
    } catch (error) {
      if (error instanceof InvalidKey && (await this.keypairs.isFull(ownerId, creator))) throw new QuotaExceeded();
      throw error;
    }
  }

  /** Limits are of a user in a project, so a token without one may not create. */
  private creator({ userId, projectId }: Caller): Creator {
    if (projectId === undefined) throw new DomainError('no-project', 'Forbidden');
    return { userId, projectId, defaultLimit: this.config.keypairQuota };
  }
}
