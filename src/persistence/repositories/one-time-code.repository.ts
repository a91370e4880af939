import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

// Compared and set in one statement: of two log-ins with one code, on whichever replicas, one changes the row.
const USE = {
  name: 'one-time-code-use',
  text: `
    INSERT INTO one_time_codes AS codes (user_id, last_step) VALUES ($1, $2::bigint)
    ON CONFLICT (user_id) DO UPDATE SET last_step = excluded.last_step WHERE codes.last_step < excluded.last_step
    RETURNING user_id`,
};

/** Every statement, for the test of their plans. */
export const STATEMENTS = { USE };

/** The one-time codes that were used. */
@Injectable()
export class OneTimeCodeRepository {
  constructor(private readonly database: Database) {}

  /** Marks the code of a time step and all earlier ones as used; false if it was used before. */
  async use(userId: string, step: number): Promise<boolean> {
    return (await this.database.write(USE, [userId, step])).length > 0;
  }
}
