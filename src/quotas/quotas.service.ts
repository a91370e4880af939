import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { Requester } from '../domain/caller.js';
import { DomainError } from '../domain/domain-error.js';
import { requireId } from '../domain/storable.js';
import { QuotaRepository } from '../persistence/repositories/quota.repository.js';
import { defaultQuotas, type QuotaSet, type Resource } from './resources.js';

/** A limit that contradicts the other limits of the project. */
export class LimitOutOfRange extends DomainError {
  constructor(resource: string, limit: number, mustBe: string) {
    super('limit-out-of-range', `Quota limit ${limit} for ${resource} must be ${mustBe}.`);
  }
}

/** Whose limits: of a project, or of one user in it. */
export class QuotaOwner {
  readonly userId: string | undefined;

  /** An empty user is none. Throws a DomainError for ids that cannot be stored. */
  constructor(
    readonly projectId: string,
    userId: string | undefined,
  ) {
    this.userId = userId || undefined;
    requireId(projectId);
    if (userId) requireId(userId);
  }
}

/** The rules of limits, as Nova's DbQuotaDriver has them. */
@Injectable()
export class QuotasService {
  constructor(
    private readonly quotas: QuotaRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The default limits. */
  defaults(): QuotaSet {
    return defaultQuotas(this.config.keypairQuota);
  }

  /** The limits of a project, or of one user in it: the user's own, or else the project's, or else the default. */
  async show({ projectId, userId }: QuotaOwner): Promise<QuotaSet> {
    const ofUser = userId === undefined ? {} : await this.quotas.ofUser(projectId, userId);
    return { ...this.defaults(), ...(await this.quotas.ofProject(projectId)), ...ofUser };
  }

  /**
   * Sets limits and keeps the others. Unless `force` is set, the limits of a project's users may not add up to more than the
   * project's. Throws {@link LimitOutOfRange} before anything has changed.
   */
  async change(owner: QuotaOwner, limits: Partial<QuotaSet>, force: boolean, by: Requester): Promise<QuotaSet> {
    if (!force) await this.checkRange(owner, limits);
    await this.quotas.set(owner.projectId, owner.userId, limits, by);
    return this.show(owner);
  }

  /** Deletes the limits of one user in a project, or of the project and all of its users. */
  async reset({ projectId, userId }: QuotaOwner, by: Requester): Promise<void> {
    if (userId === undefined) await this.quotas.resetProject(projectId, by);
    else await this.quotas.resetUser(projectId, userId, by);
  }

  private async checkRange({ projectId, userId }: QuotaOwner, limits: Partial<QuotaSet>): Promise<void> {
    const project = await this.show({ projectId, userId: undefined });
    const given = await this.quotas.sumOfUsers(projectId);
    const own = userId === undefined ? {} : await this.quotas.ofUser(projectId, userId);
    for (const [resource, limit] of Object.entries(limits) as [Resource, number][]) {
      if (project[resource] === UNLIMITED) continue;
      const toUsers = given[resource] ?? 0;
      if (userId === undefined && limit !== UNLIMITED && limit < toUsers) {
        throw new LimitOutOfRange(resource, limit, `greater than or equal to already used and reserved ${toUsers}`);
      }
      const max = Math.max(project[resource] - toUsers, 0) + Math.max(own[resource] ?? 0, 0);
      if (userId !== undefined && (limit === UNLIMITED || limit > max)) {
        throw new LimitOutOfRange(resource, limit, `less than or equal to ${max}`);
      }
    }
  }
}

const UNLIMITED = -1;
