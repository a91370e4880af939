import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { CONFIG, type Config } from '../config/config.js';
import { ownerOfProject } from '../domain/keypair-owner.js';
import { ChangeFeed } from '../persistence/change-feed.js';
import { KeypairRepository, type StoredKeypair } from '../persistence/repositories/keypair.repository.js';

const MAX_ENTRIES = 4096;

/** How long a keypair that another replica stored may be missing if no notification arrives from the database. */
const TTL_MS = 5000;

/**
 * The keypairs of a project that clients of os-keypairs and guests find by name. Whether a project has any is cached, so that
 * projects without keypairs cost nothing.
 */
@Injectable()
export class SharedKeypairs {
  private readonly hasAny = new LRUCache<string, Promise<boolean>>({ max: MAX_ENTRIES, ttl: TTL_MS });

  constructor(
    private readonly keypairs: KeypairRepository,
    @Inject(CONFIG) private readonly config: Config,
    changes: ChangeFeed,
  ) {
    changes.onChange((change) => {
      if (change === undefined) this.hasAny.clear();
      else if (change.kind === 'keypairs') this.forget(change.id);
    });
  }

  /** The keypair of that name; undefined without a project. */
  async find(projectId: string | undefined, name: string): Promise<StoredKeypair | undefined> {
    const owner = await this.ownerIn(projectId);
    return owner === undefined ? undefined : this.keypairs.find(owner, name);
  }

  /** The owner of the keypairs that lists include besides the user's own; undefined if there are none. */
  async listedOwner(projectId: string | undefined): Promise<string | undefined> {
    return this.config.sharedKeypairs === 'listed' ? this.ownerIn(projectId) : undefined;
  }

  /** Drops the cached values of an owner whose keypairs were changed. */
  forget(owner: string): void {
    this.hasAny.delete(owner);
  }

  private async ownerIn(projectId: string | undefined): Promise<string | undefined> {
    if (projectId === undefined || this.config.sharedKeypairs === 'off') return undefined;
    const owner = ownerOfProject(projectId);
    return (await this.hasKeypairs(owner)) ? owner : undefined;
  }

  private hasKeypairs(owner: string): Promise<boolean> {
    const known = this.hasAny.get(owner);
    if (known) return known;
    const looked = this.keypairs.hasAny(owner);
    this.hasAny.set(owner, looked);
    looked.catch(() => {
      if (this.hasAny.peek(owner) === looked) this.hasAny.delete(owner);
    });
    return looked;
  }
}
