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
} from '../persistence/repositories/keypair.repository.js';
import { projectOf } from '../domain/keypair-owner.js';
import type { KeypairType } from '../domain/keypair-type.js';
import { KeypairRecordRepository } from '../persistence/repositories/keypair-record.repository.js';
import { latestEnd } from './lifetime.js';
import { creatorFor } from './records/record-owner.js';
import { SharedKeypairs } from './shared-keypairs.js';

/** The user or project has no keypair of that name. */
export class KeypairNotFound extends DomainError {
  constructor(name: string, ownerId: string) {
    const projectId = projectOf(ownerId);
    const owner = projectId === undefined ? `user ${excerpt(ownerId)}` : `project ${excerpt(projectId)}`;
    super('keypair-not-found', `Keypair ${excerpt(name)} not found for ${owner}`);
  }
}

/** The keypair is protected from deletion. */
export class KeypairProtected extends DomainError {
  constructor(name: string) {
    super(
      'keypair-protected',
      `Keypair ${excerpt(name)} is protected. Remove the protection before you delete it: ` +
        '"latchkey keypair unset --protect NAME", or PATCH /v1/keypairs/NAME with "delete_protected": false.',
    );
  }
}

/** The keypair belongs to the project of the token, and not to the user. */
class KeypairOfProject extends DomainError {
  constructor(name: string, projectId: string) {
    super(
      'keypair-of-project',
      `Keypair ${excerpt(name)} belongs to project ${projectId}. ` +
        `To delete it, use DELETE /v1/projects/${projectId}/keypairs/NAME, or ask who made it or a manager of the project.`,
    );
  }
}

/** Guests hold copies of the keypair. */
export class KeypairAttached extends DomainError {
  constructor(name: string, guests: number) {
    super(
      'keypair-attached',
      `Keypair ${excerpt(name)} is held by ${guests} guests. Remove it from their key_names before you delete it.`,
    );
  }
}

/** The marker of a page names no keypair of the user. */
export class MarkerNotFound extends DomainError {
  constructor(marker: string) {
    super('keypair-marker-not-found', `Marker ${excerpt(marker)} could not be found.`);
  }
}

/** A key that the client generated. Without a type the text decides. */
export interface KeyToImport {
  readonly name: string;
  readonly publicKey: string;
  readonly type: KeypairType | undefined;
}

/** A keypair that was just generated; only this value holds the private key. */
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
    private readonly records: KeypairRecordRepository,
    private readonly shared: SharedKeypairs,
    private readonly keys: Keys,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Stores a public key for `ownerId`. Throws QuotaExceeded, then InvalidKey, then NameTaken. */
  async import(caller: Caller, ownerId: string, key: KeyToImport): Promise<CreatedKeypair> {
    const creator = creatorFor(caller, this.config);
    const { name, publicKey } = key;
    const { type, fingerprint, sha256 } = await this.inspect(creator, ownerId, key);
    const keypair = { userId: ownerId, name, type, fingerprint, sha256, publicKey, expiresAt: latestEnd(this.config) };
    await this.keypairs.add(keypair, creator, 'keypair.imported', caller);
    return keypair;
  }

  /** Generates a pair for `ownerId` and stores its public key. Throws QuotaExceeded, then NameTaken, before any work is done. */
  async generate(caller: Caller, ownerId: string, name: string, type: KeypairType): Promise<CreatedKeypair> {
    const creator = creatorFor(caller, this.config);
    if (await this.keypairs.isFull(ownerId, creator)) throw new QuotaExceeded();
    if (await this.keypairs.exists(ownerId, name)) throw new NameTaken(name);
    const { fingerprint, sha256, publicKey, privateKey } = await this.keys.generate(type, ownerId);
    const keypair = { userId: ownerId, name, type, fingerprint, sha256, publicKey, expiresAt: latestEnd(this.config) };
    await this.keypairs.add(keypair, creator, 'keypair.created', caller);
    return { ...keypair, privateKey };
  }

  /**
   * One keypair, of the type `only` if given: the owner's, or else that of the project where one is given. Throws
   * {@link KeypairNotFound}.
   */
  async show(ownerId: string, name: string, projectId: string | undefined, only?: KeypairType): Promise<StoredKeypair> {
    const keypair = (await this.keypairs.find(ownerId, name)) ?? (await this.shared.find(projectId, name));
    if (!keypair || (only ?? keypair.type) !== keypair.type) throw new KeypairNotFound(name, ownerId);
    return keypair;
  }

  /**
   * Keypairs by name, after the marker and up to the limit: the user's, and those of the project where one is given. Throws
   * {@link MarkerNotFound}.
   */
  async list(listing: Listing, projectId: string | undefined): Promise<ListedKeypairs> {
    const { userId, marker, limit } = listing;
    const sharedOwner = await this.shared.listedOwner(projectId);
    if (marker !== undefined) {
      const isListed =
        (await this.keypairs.exists(userId, marker)) ||
        (sharedOwner !== undefined && (await this.keypairs.exists(sharedOwner, marker)));
      if (!isListed) throw new MarkerNotFound(marker);
    }
    if (limit === 0) return EMPTY_LIST;
    return sharedOwner === undefined ? this.keypairs.list(listing) : this.keypairs.listWith(sharedOwner, listing);
  }

  /** Whether a new keypair hides one of the project. False if that cannot be read, since the keypair is stored. */
  async hidesShared(projectId: string | undefined, name: string): Promise<boolean> {
    return this.shared.find(projectId, name).then(
      (found) => found !== undefined,
      () => false,
    );
  }

  /**
   * Deletes a keypair of a user. Returns its fingerprint, if known. Throws {@link KeypairNotFound}, {@link KeypairProtected},
   * {@link KeypairAttached}, or KeypairOfProject if the project where one is given has that keypair.
   */
  async delete(
    caller: Caller,
    ownerId: string,
    name: string,
    projectId: string | undefined,
  ): Promise<string | undefined> {
    await this.requireDetached(ownerId, name);
    const removed = await this.keypairs.remove(ownerId, name, caller);
    if (removed) return removed.fingerprint;
    if (await this.keypairs.isProtected(ownerId, name)) throw new KeypairProtected(name);
    if (projectId !== undefined && (await this.shared.find(projectId, name)))
      throw new KeypairOfProject(name, projectId);
    throw new KeypairNotFound(name, ownerId);
  }

  /** Throws {@link KeypairAttached} if guests hold copies of a keypair and the operator protects those. */
  async requireDetached(owner: string, name: string): Promise<void> {
    if (this.config.keypairDeleteAttached === 'allow') return;
    const guests = (await this.records.guestCounts([owner]))({ userId: owner, name });
    if (guests > 0) throw new KeypairAttached(name, guests);
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
}
