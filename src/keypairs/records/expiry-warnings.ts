import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Audit } from '../../audit/audit.js';
import { CONFIG, type Config } from '../../config/config.js';
import { KeypairRecordRepository } from '../../persistence/repositories/keypair-record.repository.js';

const INTERVAL_MS = 3_600_000;

/** Writes an audit line when a keypair will expire in one of KEYPAIR_WARN_DAYS, and when it has expired. */
@Injectable()
export class ExpiryWarnings implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly days: readonly number[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keypairs: KeypairRecordRepository,
    private readonly audit: Audit,
    @Inject(CONFIG) config: Config,
  ) {
    this.days = [...config.keypairWarnDays, 0];
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write().catch(() => undefined), INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Writes the lines that are due; one of the replicas writes each. A failed write is repeated in the next hour. */
  async write(): Promise<void> {
    for (;;) {
      const ending = await this.keypairs.warn(this.days);
      for (const { userId: owner, name, fingerprint, expiresAt: expires, isExpired } of ending) {
        const action = isExpired ? 'keypair.expired' : 'keypair.expiring';
        this.audit.recordBy({ from: hostname() }, { action, owner, name, fingerprint, expires });
      }
      if (ending.length === 0) return;
    }
  }
}
