import { Injectable } from '@nestjs/common';
import { KEY_TYPES } from '../crypto/key-types.js';
import { KeypairType } from '../domain/keypair-type.js';
import { KeypairRepository } from '../persistence/keypair.repository.js';

/** The numbers of stored certificates that have expired, and that expire within 30 days. */
export interface CertificateDates {
  readonly endedAlready: number;
  readonly endingSoon: number;
}

const COUNT_TTL_MS = 3_600_000;
const SOON_MS = 30 * 24 * COUNT_TTL_MS;
/** Rows in one read. */
const PAGE = 500;

/** Counts certificates by their expiry. */
@Injectable()
export class Certificates {
  private last: { readonly dates: CertificateDates; readonly at: number } | undefined;

  constructor(private readonly keypairs: KeypairRepository) {}

  /** At most an hour old, and older while the database cannot be reached. */
  async dates(): Promise<CertificateDates> {
    const now = Date.now();
    if (!this.last || now - this.last.at > COUNT_TTL_MS) {
      try {
        this.last = { dates: await this.count(now), at: now };
      } catch {
        // The other metrics are still returned.
      }
    }
    return this.last?.dates ?? { endedAlready: 0, endingSoon: 0 };
  }

  private async count(now: number): Promise<CertificateDates> {
    let endedAlready = 0;
    let endingSoon = 0;
    for (const type of Object.values(KeypairType)) {
      const { endOf } = KEY_TYPES[type];
      if (endOf === undefined) continue;
      for await (const page of this.keypairs.pagesOfType(type, PAGE)) {
        for (const { publicKey } of page) {
          const end = endOf(publicKey);
          if (end <= now) endedAlready += 1;
          else if (end <= now + SOON_MS) endingSoon += 1;
        }
      }
    }
    return { endedAlready, endingSoon };
  }
}
