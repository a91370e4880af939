import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { DomainError } from '../errors/domain-error.js';

/** A statement that the server prepares once for each connection and then knows by its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** The database cannot be reached, or cannot answer now. */
export class DatabaseUnavailable extends DomainError {
  constructor(options?: ErrorOptions) {
    super('unavailable', 'The database is not available at the moment. Try again later.', options);
  }
}

/**
 * Runs single statements on TypeORM's own connection pool. TypeORM never names statements, and a named one is about a third
 * faster (see docs/decisions/0003-named-statements.md).
 */
@Injectable()
export class Database {
  private readonly pool: Pool;

  constructor(@InjectDataSource() dataSource: DataSource) {
    this.pool = (dataSource.driver as unknown as { readonly master: Pool }).master;
  }

  /** The rows that a statement returns. Throws pg's DatabaseError for what the database refuses, or {@link DatabaseUnavailable}. */
  async query<Row extends object>({ name, text }: Statement, values: readonly unknown[]): Promise<Row[]> {
    try {
      // Not pool.query: that closes the connection whenever the database refuses something, such as a name that is taken.
      const client = await this.pool.connect();
      try {
        const { rows } = await client.query<Row>({ name, text, values: [...values] });
        return rows;
      } finally {
        client.release();
      }
    } catch (error) {
      throw isUnavailable(error) ? new DatabaseUnavailable({ cause: error }) : error;
    }
  }
}

/** PostgreSQL's error classes for connections, resources and interventions, and errors of the socket, which have no SQLSTATE. */
function isUnavailable(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  if (typeof code !== 'string') return !(error instanceof TypeError);
  return /^(08|53|57|58|25006|40)/.test(code) || !/^[0-9A-Z]{5}$/.test(code);
}
