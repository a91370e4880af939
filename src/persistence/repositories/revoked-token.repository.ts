import { Injectable } from '@nestjs/common';
import { notifyChange } from '../change-feed.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';

// The statement also deletes rows of expired tokens; the hour allows for clocks that differ.
const ADD: Statement = {
  name: 'revoked-token-add',
  repeatable: true,
  text: `
    WITH expired AS (
      DELETE FROM revoked_tokens WHERE expires_at < timezone('utc', now()) - interval '1 hour'
    ), added AS (
      INSERT INTO revoked_tokens (audit_id, expires_at) VALUES ($1, timezone('utc', to_timestamp($2::float8)))
      ON CONFLICT DO NOTHING RETURNING audit_id
    )
    SELECT ${notifyChange('token', 'audit_id')} FROM added`,
};

const HAS = {
  name: 'revoked-token-has',
  text: `SELECT FROM revoked_tokens WHERE audit_id = $1`,
};

/** Every statement, for the test of their plans. */
export const STATEMENTS = { ADD, HAS };

/** The revoked tokens: known to every replica, and still after a restart. */
@Injectable()
export class RevokedTokenRepository {
  constructor(private readonly database: Database) {}

  /** Revokes for good; `expiresAt` is in seconds since 1970. */
  async add(auditId: string, expiresAt: number): Promise<void> {
    await this.database.write(ADD, [auditId, expiresAt]);
  }

  async has(auditId: string): Promise<boolean> {
    return (await this.database.read(HAS, [auditId])).length > 0;
  }
}
