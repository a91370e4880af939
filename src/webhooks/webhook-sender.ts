import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { ownerOfProject } from '../domain/keypair-owner.js';
import { type HttpAnswer, HttpClient, NoAnswer } from '../http/client/http-client.js';
import {
  type Attempt,
  type ClaimedDelivery,
  WebhookDeliveryRepository,
} from '../persistence/repositories/webhook-delivery.repository.js';
import { WebhookRepository } from '../persistence/repositories/webhook.repository.js';
import { PublicAddresses } from './public-addresses.js';
import { readRetryAfter, retryDelay } from './retries.js';
import { signatureHeaders } from './signature.js';

/** How an attempt ended, and when the receiver wants the next one. */
interface Outcome extends Attempt {
  readonly retryAfterMs?: number | undefined;
}

const POLL_MS = 1000;
const TIMEOUT_MS = 15_000;
/** The concurrent requests of a replica, and those to one webhook, so that a slow webhook leaves some for others. */
const MAX_AT_ONCE = 32;
const MAX_OF_WEBHOOK = 8;
/** The time after which the deliveries for one owner make way for others. */
const MAX_TURN_MS = 30_000;
const GONE = 410;

/** Sends due deliveries to webhooks, at least once, and in the order of the events of an owner. Any replica may send any delivery. */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('webhooks');
  private readonly ending = new AbortController();
  private readonly client: HttpClient;
  /** The number of open requests to each webhook. */
  private readonly underWay = new Map<string, number>();
  private readonly turns = new Set<Promise<void>>();
  private waking = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly webhooks: WebhookRepository,
    private readonly addresses: PublicAddresses,
    private readonly audit: Audit,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { lookup } = addresses;
    this.client = new HttpClient({ userAgent: 'latchkey', lookup, statusOnly: true, maxSockets: MAX_AT_ONCE });
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.ending.abort();
    await this.running;
    await Promise.all(this.turns);
    this.client.close();
  }

  /** Looks for due deliveries now, and not only after a pause. */
  wake(): void {
    this.waking.abort();
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      this.waking = new AbortController();
      const isMore = await this.claim().catch(() => false);
      // A delivery that cannot be claimed stays due.
      if (!isMore) await this.pause(AbortSignal.any([signal, this.waking.signal]));
    }
  }

  /** Ends early if the service stops or there is something to send. */
  private async pause(signal: AbortSignal): Promise<void> {
    await sleep(POLL_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }

  /** Whether there may be more due deliveries. */
  private async claim(): Promise<boolean> {
    const free = Math.min(MAX_AT_ONCE - this.turns.size, MAX_OF_WEBHOOK);
    if (free <= 0) return false;
    const busy = [...this.underWay].filter(([, count]) => count >= MAX_OF_WEBHOOK).map(([id]) => id);
    const due = await this.deliveries.claim(free, busy);
    for (const delivery of due) {
      const turn = this.take(delivery).finally(() => {
        this.turns.delete(turn);
        this.wake();
      });
      this.turns.add(turn);
    }
    return due.length === free;
  }

  /** Sends a delivery, and the later ones for the same owner, until one fails. */
  private async take(first: ClaimedDelivery): Promise<void> {
    const { webhookId } = first;
    const endOfTurn = performance.now() + MAX_TURN_MS;
    this.underWay.set(webhookId, (this.underWay.get(webhookId) ?? 0) + 1);
    try {
      let delivery: ClaimedDelivery | undefined = first;
      while (delivery) {
        const outcome = await this.send(delivery);
        delivery = outcome && (await this.record(delivery, outcome, performance.now() < endOfTurn));
      }
    } catch (error) {
      // The delivery becomes due again when this replica's claim ends.
      this.logger.warn(`a delivery is not recorded: ${(error as Error).message}`);
    } finally {
      const left = this.underWay.get(webhookId)! - 1;
      if (left > 0) this.underWay.set(webhookId, left);
      else this.underWay.delete(webhookId);
    }
  }

  /** Undefined if the end of the service cut it short. */
  private async send(delivery: ClaimedDelivery): Promise<Outcome | undefined> {
    const { eventId, body, secrets } = delivery;
    const url = new URL(delivery.url);
    const now = Date.now();
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      if (url.protocol !== 'https:' && !this.config.webhookHttp) return { status: null, failure: 'not-https' };
      this.addresses.requireHost(url);
      const headers = signatureHeaders(eventId, Math.floor(now / 1000), body, secrets);
      const signal = AbortSignal.any([this.ending.signal, timeout]);
      const post = (): Promise<HttpAnswer> => this.client.send({ method: 'POST', url, headers, json: body }, signal);
      const answer = await post().catch((error: unknown) => {
        // The receiver closed a kept connection meanwhile, which is no failure.
        if (error instanceof NoAnswer && error.wasStale) return post();
        throw error;
      });
      const retryAfterMs = readRetryAfter(answer.headers['retry-after'], now);
      return { status: answer.status, failure: null, retryAfterMs };
    } catch (error) {
      if (this.ending.signal.aborted) {
        await this.deliveries.release(delivery);
        return undefined;
      }
      return { status: null, failure: timeout.aborted ? 'timeout' : failureOf(error) };
    }
  }

  /** Returns the next delivery of the owner, if this one succeeded. */
  private async record(
    delivery: ClaimedDelivery,
    { status, failure, retryAfterMs }: Outcome,
    goesOn: boolean,
  ): Promise<ClaimedDelivery | undefined> {
    if (status !== null && status >= 200 && status < 300)
      return this.deliveries.succeed(delivery, status, goesOn && !this.ending.signal.aborted);
    const isGone = status === GONE;
    const retryMs = isGone ? undefined : retryDelay(delivery.attempts, retryAfterMs);
    const isHopeless = await this.deliveries.fail(delivery, { status, failure }, retryMs);
    if (isGone || isHopeless)
      await this.disable(delivery, isGone ? 'the receiver answered 410' : 'it failed for 5 days');
    return undefined;
  }

  private async disable({ webhookId, projectId }: ClaimedDelivery, reason: string): Promise<void> {
    if (!(await this.webhooks.disable(webhookId))) return;
    const owner = projectId === null ? undefined : ownerOfProject(projectId);
    this.audit.recordBy({ from: hostname() }, { action: 'webhook.disable', owner, name: webhookId, reason });
  }
}

/** A code for why there was no response: one of this service, or that of Node's error. */
function failureOf(error: unknown): string {
  const { code = 'no-answer' } = (error instanceof NoAnswer ? error.cause : error) as NodeJS.ErrnoException;
  return code.slice(0, 64);
}
