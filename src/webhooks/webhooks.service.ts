import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller, Target } from '../domain/caller.js';
import { DomainError } from '../domain/domain-error.js';
import { excerpt } from '../domain/excerpt.js';
import { ownerOfProject } from '../domain/keypair-owner.js';
import { DAY_MS, utcTime } from '../domain/utc-time.js';
import {
  type StoredDelivery,
  WebhookDeliveryRepository,
} from '../persistence/repositories/webhook-delivery.repository.js';
import { type StoredWebhook, WebhookRepository } from '../persistence/repositories/webhook.repository.js';
import { requirePolicy, type WebhookAction } from '../policy/policy.js';
import { AddressRefused, PublicAddresses } from './public-addresses.js';
import { WebhookSender } from './webhook-sender.js';
import type { ChangedWebhook, NewWebhook } from './webhooks.dto.js';

/** A webhook with its new secret. */
export interface WebhookWithSecret {
  readonly webhook: StoredWebhook;
  readonly secret: Buffer;
}

/** Of a project, and those of all projects. */
const MAX_WEBHOOKS = 10;
const SECRET_BYTES = 32;
/** How long the previous secret also signs. */
const OVERLAP_MS = DAY_MS;
const TRIM_INTERVAL_MS = 3_600_000;

class WebhookNotFound extends DomainError {
  constructor(id: string) {
    super('webhook-not-found', `Webhook ${excerpt(id)} could not be found.`);
  }
}

class DeliveryNotFound extends DomainError {
  constructor(id: string) {
    super('delivery-not-found', `Delivery ${excerpt(id)} could not be found.`);
  }
}

/** The rules of webhooks. Webhooks that the caller may not see count as not found. */
@Injectable()
export class WebhooksService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly sender: WebhookSender,
    private readonly addresses: PublicAddresses,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    // A failed deletion is repeated in the next hour.
    this.timer = setInterval(() => void this.trim().catch(() => undefined), TRIM_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Throws PolicyForbids, or DomainError `webhook-url-refused` or `webhook-quota-exceeded`. */
  async create(caller: Caller, request: NewWebhook): Promise<WebhookWithSecret> {
    const projectId = request.project_id === undefined ? (caller.projectId ?? null) : request.project_id;
    requirePolicy(caller, 'latchkey:webhooks:create', targetOf(projectId));
    const { url, types, enabled = true, note = null, include_public_key: includePublicKey = false } = request;
    this.requireUrl(url);
    const secret = randomBytes(SECRET_BYTES);
    const content = { url, types, enabled, note, includePublicKey };
    const webhook = await this.webhooks.add(projectId, content, secret, caller.userId, MAX_WEBHOOKS);
    if (!webhook)
      throw new DomainError(
        'webhook-quota-exceeded',
        `There are ${MAX_WEBHOOKS} webhooks already; delete one, or give one of them more types.`,
      );
    return { webhook, secret };
  }

  /** One page by id; without a project those that the caller may list. Throws PolicyForbids, or DomainError `no-project`. */
  async page(
    caller: Caller,
    listing: { readonly projectId: string | undefined; readonly after: string; readonly limit: number },
  ): Promise<StoredWebhook[]> {
    const seesAll = caller.rules.allows('latchkey:webhooks:index', caller, {});
    const projectId = listing.projectId ?? (seesAll ? undefined : caller.projectId);
    if (projectId === undefined && !seesAll) throw new DomainError('no-project', 'The token has no project.');
    requirePolicy(caller, 'latchkey:webhooks:index', { ...(projectId !== undefined && { projectId }) });
    return listing.limit === 0 ? [] : this.webhooks.page({ ...listing, projectId });
  }

  /** Throws {@link WebhookNotFound}, or PolicyForbids where the caller may see it only. */
  async find(caller: Caller, id: string, action: WebhookAction = 'latchkey:webhooks:show'): Promise<StoredWebhook> {
    const found = isId(id) ? await this.webhooks.find(id) : undefined;
    if (!found || !caller.rules.allows('latchkey:webhooks:show', caller, targetOf(found.projectId)))
      throw new WebhookNotFound(id);
    requirePolicy(caller, action, targetOf(found.projectId));
    return found;
  }

  /** Throws as {@link find} does, or DomainError `webhook-url-refused`. */
  async change(caller: Caller, id: string, request: ChangedWebhook): Promise<StoredWebhook> {
    const before = await this.find(caller, id, 'latchkey:webhooks:update');
    const { url, types, enabled, note, include_public_key: includePublicKey } = request;
    if (url !== undefined) this.requireUrl(url);
    const changed = await this.webhooks.change(id, {
      url: url ?? before.url,
      types: types ?? before.types,
      enabled: enabled ?? before.enabled,
      note: note === undefined ? before.note : note,
      includePublicKey: includePublicKey ?? before.includePublicKey,
    });
    return present(changed, id);
  }

  /** Rotates its secret; the previous one also signs for a day. Throws as {@link find} does. */
  async rotateSecret(caller: Caller, id: string): Promise<WebhookWithSecret> {
    await this.find(caller, id, 'latchkey:webhooks:update');
    const secret = randomBytes(SECRET_BYTES);
    return { webhook: present(await this.webhooks.rotate(id, secret, OVERLAP_MS), id), secret };
  }

  /** Throws as {@link find} does. */
  async remove(caller: Caller, id: string): Promise<StoredWebhook> {
    const webhook = await this.find(caller, id, 'latchkey:webhooks:delete');
    await this.webhooks.remove(id);
    return webhook;
  }

  /** Sends an event of the type `webhook.test`, even to a disabled webhook. Throws as {@link find} does. */
  async test(caller: Caller, id: string): Promise<StoredDelivery> {
    const { projectId } = await this.find(caller, id, 'latchkey:webhooks:update');
    const type = 'webhook.test';
    const data = { project_id: projectId, actor: caller.userId, request_id: caller.requestId };
    const delivery = await this.deliveries.add(id, {
      eventId: randomUUID(),
      owner: projectId === null ? '' : ownerOfProject(projectId),
      type,
      body: JSON.stringify({ type, timestamp: utcTime(Date.now()), data }),
    });
    this.sender.wake();
    return present(delivery, id);
  }

  /** The newest first. Throws as {@link find} does. */
  async pageOfDeliveries(
    caller: Caller,
    id: string,
    before: string | undefined,
    limit: number,
  ): Promise<StoredDelivery[]> {
    await this.find(caller, id);
    return limit === 0 ? [] : this.deliveries.page(id, before, limit);
  }

  /** Sends a delivery now, even if it was delivered before. Throws as {@link find} does, or {@link DeliveryNotFound}. */
  async retry(caller: Caller, id: string, deliveryId: string): Promise<StoredDelivery> {
    await this.find(caller, id, 'latchkey:webhooks:update');
    const delivery = isId(deliveryId) ? await this.deliveries.retry(id, deliveryId) : undefined;
    if (!delivery) throw new DeliveryNotFound(deliveryId);
    this.sender.wake();
    return delivery;
  }

  /** Deletes deliveries older than EVENTS_KEEP. */
  async trim(): Promise<void> {
    await this.deliveries.trim(utcTime(Date.now() - this.config.eventsKeepMs));
    await this.webhooks.forgetIfIdle();
  }

  /** A name is resolved and checked at each connection, since its addresses may change. */
  private requireUrl(text: string): void {
    const url = new URL(text);
    if (url.protocol !== 'https:' && !this.config.webhookHttp)
      throw new DomainError('webhook-url-refused', 'The URL of a webhook must begin with https://.');
    try {
      this.addresses.requireHost(url);
    } catch (cause) {
      if (!(cause instanceof AddressRefused)) throw cause;
      const message = 'The URL of a webhook has no public address; use one that the operator permits.';
      throw new DomainError('webhook-url-refused', message, { cause });
    }
  }
}

/** Without a project, the rule must allow the action on every one. */
const targetOf = (projectId: string | null): Target => (projectId === null ? {} : { projectId });

/** What PostgreSQL can hold as one. */
const isId = (text: string): boolean => /^[1-9]\d{0,17}$/.test(text);

/** Throws {@link WebhookNotFound} for one that was deleted meanwhile. */
function present<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new WebhookNotFound(id);
  return found;
}
