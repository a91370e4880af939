import { Inject, Injectable, Logger } from '@nestjs/common';
import { AUTHENTICATOR, type Authenticator } from '../identity/authenticator.js';
import { KeystoneUnavailable } from '../identity/keystone/keystone-client.js';
import { MigrationCheck } from '../persistence/migration-check.js';
import { Database } from '../persistence/database.js';
import { DatabaseUnavailable } from '../persistence/database-failure.js';
import { describeDatabaseError } from '../persistence/describe-database-error.js';

/** One thing that the service needs: whether it is available, and the problem otherwise. The texts hold no secret. */
export interface HealthResult {
  readonly name: 'Database' | 'Migrations' | 'Identity';
  readonly healthy: boolean;
  readonly reason: string;
  /** The class of the cause, as in `connection refused (ECONNREFUSED)`; empty if healthy or if the reason is enough. */
  readonly details: string;
}

/** Results are cached, so that probes, which any client may send, put no load on what is probed. */
const RESULT_TTL_MS = 1000;
/** Less than one second, the usual timeout of the sender of a probe. */
const DATABASE_TIMEOUT_MS = 800;

/** Whether the service can do its work now. */
@Injectable()
export class Health {
  private readonly logger = new Logger('Health');
  /** The problems that were logged last; empty if none. */
  private loggedProblems = '';
  private last: { readonly results: Promise<readonly HealthResult[]>; readonly at: number } | undefined;

  constructor(
    private readonly database: Database,
    private readonly migrations: MigrationCheck,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Never rejects. */
  results(): Promise<readonly HealthResult[]> {
    const now = performance.now();
    if (!this.last || now - this.last.at > RESULT_TTL_MS) this.last = { results: this.examine(), at: now };
    return this.last.results;
  }

  private async examine(): Promise<readonly HealthResult[]> {
    const [stored, identity] = await Promise.all([this.storage(), this.identity()]);
    const results = [...stored, identity];
    this.logChange(troublesOf(results));
    return results;
  }

  /** Logs one line for each change, however many probes arrive. */
  private logChange(troubles: readonly string[]): void {
    const trouble = troubles.join('; ');
    if (trouble === this.loggedProblems) return;
    this.loggedProblems = trouble;
    this.logger.warn(trouble === '' ? 'Ready again.' : `Not ready: ${trouble}.`);
  }

  private async storage(): Promise<HealthResult[]> {
    try {
      const missing = (
        await this.migrations.missing((statement) =>
          this.database.read(statement, [], { deadline: performance.now() + DATABASE_TIMEOUT_MS }),
        )
      ).length;
      return [
        result('Database'),
        result('Migrations', missing === 0 ? undefined : `${missing} migrations are missing`),
      ];
    } catch (error) {
      const details = error instanceof DatabaseUnavailable ? error.reason : describeDatabaseError(error);
      return [
        result('Database', 'The database cannot be used', details),
        result('Migrations', 'The database cannot be used', details),
      ];
    }
  }

  private async identity(): Promise<HealthResult> {
    try {
      await this.authenticator.check?.();
      return result('Identity');
    } catch (error) {
      const details = error instanceof KeystoneUnavailable ? error.reason : '';
      return result('Identity', 'Keystone is unavailable', details);
    }
  }
}

function result(name: HealthResult['name'], trouble?: string, details = ''): HealthResult {
  return { name, healthy: trouble === undefined, reason: trouble ?? 'OK', details };
}

/** The problems without repetition, such as `The database cannot be used: connection refused (ECONNREFUSED)`. */
export function troublesOf(results: readonly HealthResult[]): string[] {
  const lines = results
    .filter(({ healthy }) => !healthy)
    .map(({ reason, details }) => (details === '' ? reason : `${reason}: ${details}`));
  return [...new Set(lines)];
}
