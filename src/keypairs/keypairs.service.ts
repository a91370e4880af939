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
  EMPTY_LIST,
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

/** The marker of a page names no keypair of the user. */
export class MarkerNotFound extends DomainError {
  constructor(marker: string) {
    super('keypair-marker-not-found', `Marker ${excerpt(marker)} could not be found.`);
  }
}

/** A key that the client made. Without a type the text decides. */
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
  async import(caller: Caller, ownerId: string, key: KeyToImport): Promise<CreatedKeypair> {
    const creator = this.creator(caller);
    const { name, publicKey } = key;
    const { type, fingerprint } = await this.inspect(creator, ownerId, key);
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

  /** One keypair, of the type `only` if given. Throws {@link KeypairNotFound}. */
  async show(ownerId: string, name: string, only?: KeypairType): Promise<StoredKeypair> {
    const keypair = await this.keypairs.find(ownerId, name);
    if (!keypair || (only ?? keypair.type) !== keypair.type) throw new KeypairNotFound(name, ownerId);
    return keypair;
  }

  /** Keypairs by name, after the marker and up to the limit. Throws {@link MarkerNotFound}. */
  async list(listing: Listing): Promise<ListedKeypairs> {
    const { userId, marker, limit } = listing;
    if (marker !== undefined && !(await this.keypairs.exists(userId, marker))) throw new MarkerNotFound(marker);
    return limit === 0 ? EMPTY_LIST : this.keypairs.list(listing);
  }

  /** Deletes a keypair. Returns its fingerprint, if known. Throws {@link KeypairNotFound}. */
  async delete(ownerId: string, name: string): Promise<string | undefined> {
    const removed = await this.keypairs.remove(ownerId, name);
    if (!removed) throw new KeypairNotFound(name, ownerId);
    return removed.fingerprint;
  }

  /** Nova checks the quota before the key, so a user over quota gets that error even for an invalid key. */
  private async inspect(creator: Creator, ownerId: string, { publicKey, type }: KeyToImport) {
    try {
      return this.keys.inspect(publicKey, type);
    } catch (error) {
      if (error instanceof InvalidKey && (await this.keypairs.isFull(ownerId, creator))) throw new QuotaExceeded();
      throw error;
    }
  }

  /** Quotas apply to a user in a project, so a token without a project may not create. */
  private creator({ userId, projectId }: Caller): Creator {
    if (projectId === undefined) throw new DomainError('no-project', 'Forbidden');
    return { userId, projectId, defaultLimit: this.config.keypairQuota };
  }
}
