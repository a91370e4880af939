import { X509Certificate } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../persistence/database.js';

/** How many of the stored certificates are in use no longer, or soon will be. */
export interface CertificateDates {
  readonly endedAlready: number;
  readonly endingSoon: number;
}

/** Milliseconds in an hour, for which a count is good, and in the month that it looks ahead. */
const HOUR = 3_600_000;
const SOON = 30 * 24 * HOUR;
/** Rows that are read at once. */
const PAGE = 500;

interface CertificateRow {
  readonly user_id: string;
  readonly name: string;
  readonly public_key: string;
}

// In the order of the primary key, so that each page goes on where the last one ended.
const CERTIFICATES = {
  name: 'certificates-page',
  text: `
    SELECT user_id, name, public_key FROM key_pairs
    WHERE type = 'x509' AND (user_id, name) > ($1, $2) ORDER BY user_id, name LIMIT $3`,
};

/** Counts certificates by their end. */
@Injectable()
export class Certificates {
  private last: { readonly dates: CertificateDates; readonly at: number } | undefined;

  constructor(private readonly database: Database) {}

  /** At most an hour old, and older where the database cannot be asked now. */
  async dates(): Promise<CertificateDates> {
    const now = Date.now();
    if (!this.last || now - this.last.at > HOUR) {
      try {
        this.last = { dates: await this.counted(now), at: now };
      } catch {
        // What else is measured must be told all the same.
      }
    }
    return this.last?.dates ?? { endedAlready: 0, endingSoon: 0 };
  }

  private async counted(now: number): Promise<CertificateDates> {
    let endedAlready = 0;
    let endingSoon = 0;
    let last: CertificateRow | undefined = { user_id: '', name: '', public_key: '' };
    while (last) {
      const rows: CertificateRow[] = await this.database.query(CERTIFICATES, [last.user_id, last.name, PAGE]);
      for (const row of rows) {
        const end = endOf(row.public_key);
        if (end <= now) endedAlready += 1;
        else if (end <= now + SOON) endingSoon += 1;
      }
      last = rows.length < PAGE ? undefined : rows.at(-1);
    }
    return { endedAlready, endingSoon };
  }
}

/** When a certificate ends, in milliseconds since 1970; never, where it cannot be read (KEY_POLICY=nova takes such). */
function endOf(text: string): number {
  try {
    return Date.parse(new X509Certificate(text).validTo);
  } catch {
    return Infinity;
  }
}
