import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Audit } from '../audit/audit.js';
import type { Change } from '../audit/audit-line.js';
import { CONFIG, type Config } from '../config/config.js';
import { AUTHENTICATOR, type Authenticator } from '../identity/authenticator.js';
import { DAY_MS, utcTime } from '../domain/utc-time.js';
import { Database } from '../persistence/database.js';
import { EventQueueRepository } from '../persistence/repositories/event-queue.repository.js';
import { KeypairRecordRepository } from '../persistence/repositories/keypair-record.repository.js';
import { Certificates } from './certificate-dates.js';
import { Hourly } from './hourly.js';

/** From the fastest responses, of about a millisecond, to beyond the default DB_TIMEOUT_MS of five seconds. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** One request that was answered. Every value is one of few: a client cannot create labels. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern. */
  readonly route: string;
  /** The microversion; `none` where the route has none. */
  readonly version: string;
  readonly status: number;
  readonly seconds: number;
  /** The code of the failure, if any. */
  readonly refusal: string | undefined;
}

/** The metrics for Prometheus. Without ADMIN_PORT nothing is counted, since the metrics cannot be read. */
@Injectable()
export class Metrics implements OnApplicationShutdown {
  readonly isKept: boolean;
  private readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'latchkey_http_requests_total',
    help: 'Requests to the API by method, route, microversion and status.',
    labelNames: ['method', 'route', 'version', 'status'] as const,
    registers: [this.registry],
  });
  private readonly durations = new Histogram({
    name: 'latchkey_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last one of its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: BUCKETS_SECONDS,
    registers: [this.registry],
  });
  private readonly refusals = new Counter({
    name: 'latchkey_refusals_total',
    help: 'Requests that were refused or failed, by reason.',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });
  private readonly changes = new Counter({
    name: 'latchkey_changes_total',
    help: 'Changes that were made, of keypairs the kind of key, and log-ins.',
    labelNames: ['action', 'kind'] as const,
    registers: [this.registry],
  });

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly database: Database,
    private readonly certificates: Certificates,
    private readonly keypairs: KeypairRecordRepository,
    private readonly eventQueue: EventQueueRepository,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
    audit: Audit,
  ) {
    this.isKept = config.adminPort !== undefined;
    if (!this.isKept) return;
    audit.onChange((change) => this.countChange(change));
    collectDefaultMetrics({ register: this.registry });
    this.gaugePool();
    this.gaugeTokenCache();
    this.gaugeCertificates();
    this.gaugeKeypairs(config.keypairWarnDays);
    this.gaugeEvents();
  }

  /** The metrics in Prometheus' text format, and its media type. */
  async render(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  countRequest({ method, route, version, status, seconds, refusal }: AnsweredRequest): void {
    if (!this.isKept) return;
    this.requests.inc({ method, route, version, status });
    this.durations.observe({ method, route }, seconds);
    if (refusal !== undefined) this.refusals.inc({ reason: refusal });
  }

  onApplicationShutdown(): void {
    this.registry.clear();
  }

  private countChange({ action, kind }: Change): void {
    this.changes.inc({ action, kind: kind ?? '' });
  }

  private gaugePool(): void {
    const { database } = this;
    const metric = new Gauge({
      name: 'latchkey_database_connections',
      help: 'Connections to the database, and statements that wait for one.',
      labelNames: ['state'],
      registers: [],
      collect() {
        const { open, idle, waiting } = database.use;
        this.set({ state: 'busy' }, open - idle);
        this.set({ state: 'idle' }, idle);
        this.set({ state: 'waiting' }, waiting);
      },
    });
    this.registry.registerMetric(metric);
  }

  private gaugeTokenCache(): void {
    const { authenticator } = this;
    if (!authenticator.cacheUse) return;
    const metric = new Counter({
      name: 'latchkey_token_cache_total',
      help: 'Tokens found in the cache, and tokens that Keystone validated.',
      labelNames: ['result'],
      registers: [],
      collect() {
        const { hits, misses } = authenticator.cacheUse!();
        this.reset();
        this.inc({ result: 'hit' }, hits);
        this.inc({ result: 'miss' }, misses);
      },
    });
    this.registry.registerMetric(metric);
  }

  private gaugeCertificates(): void {
    const { certificates } = this;
    const metric = new Gauge({
      name: 'latchkey_certificates_expiring',
      help: 'Stored certificates that end within 30 days, and those that have ended. Counted once an hour.',
      labelNames: ['when'],
      registers: [],
      async collect() {
        const { endedAlready, endingSoon } = await certificates.dates.get();
        this.set({ when: 'within 30 days' }, endingSoon);
        this.set({ when: 'ended' }, endedAlready);
      },
    });
    this.registry.registerMetric(metric);
  }

  private gaugeKeypairs(warnDays: readonly number[]): void {
    const days = [...new Set([0, ...warnDays])];
    const counts = new Hourly<readonly number[]>([], (now) =>
      Promise.all(days.map((each) => this.keypairs.countEnding(utcTime(now + each * DAY_MS)))),
    );
    const metric = new Gauge({
      name: 'latchkey_keypairs_expiring',
      help: 'Keypairs that expire within a number of days or have expired; 0: have expired. Counted once an hour.',
      labelNames: ['within_days'],
      registers: [],
      async collect() {
        for (const [index, count] of (await counts.get()).entries()) this.set({ within_days: days[index] }, count);
      },
    });
    this.registry.registerMetric(metric);
  }
  private gaugeEvents(): void {
    const { eventQueue } = this;
    const metric = new Gauge({
      name: 'latchkey_events_waiting',
      help: 'Events pending for each consumer; the number grows while the consumer is unavailable.',
      labelNames: ['consumer'],
      registers: [],
      async collect() {
        // The other metrics are returned while the database is away.
        const counts = await eventQueue.waiting().catch(() => []);
        for (const { consumer, waiting } of counts) this.set({ consumer }, waiting);
      },
    });
    this.registry.registerMetric(metric);
  }
}
