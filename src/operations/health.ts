import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AUTHENTICATOR, type Authenticator } from '../identity/authenticator.js';
import { Database } from '../persistence/database.js';

/** One thing that the service needs: whether it is there, and what is the matter otherwise. The words hold no secret. */
export interface HealthResult {
  readonly name: 'Database' | 'Migrations' | 'Identity';
  readonly healthy: boolean;
  readonly reason: string;
}

/** Milliseconds that a result counts, so that probes, which anybody may send, put no load on what is probed. */
const FRESH = 1000;
/** Milliseconds that a probe waits for the database: less than the second that probes commonly wait themselves. */
const PATIENCE = 800;

const MIGRATIONS = { name: 'health-migrations', text: 'SELECT name FROM migrations' };

/** Whether the service can do its work now. */
@Injectable()
export class Health {
  private last: { readonly results: Promise<readonly HealthResult[]>; readonly at: number } | undefined;

  constructor(
    private readonly database: Database,
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(AUTHENTICATOR) private readonly authenticator: Authenticator,
  ) {}

  /** Never rejects. */
  results(): Promise<readonly HealthResult[]> {
    const now = performance.now();
    if (!this.last || now - this.last.at > FRESH) this.last = { results: this.examine(), at: now };
    return this.last.results;
  }

  private async examine(): Promise<readonly HealthResult[]> {
    const [stored, identity] = await Promise.all([this.storage(), this.identity()]);
    return [...stored, identity];
  }

  private async storage(): Promise<HealthResult[]> {
    try {
      const rows = await this.database.query<{ name: string }>(MIGRATIONS, [], performance.now() + PATIENCE);
      const done = new Set(rows.map(({ name }) => name));
      const missing = this.dataSource.migrations.filter((each) => !done.has(each.name ?? each.constructor.name)).length;
      return [
        result('Database'),
        result('Migrations', missing === 0 ? undefined : `${missing} migrations are missing`),
      ];
    } catch {
      return [result('Database', 'The database does not answer'), result('Migrations', 'The database does not answer')];
    }
  }

  private async identity(): Promise<HealthResult> {
    try {
      await this.authenticator.check?.();
      return result('Identity');
    } catch {
      return result('Identity', 'Keystone does not answer');
    }
  }
}

function result(name: HealthResult['name'], trouble?: string): HealthResult {
  return { name, healthy: trouble === undefined, reason: trouble ?? 'OK' };
}
