import { Injectable } from '@nestjs/common';
import { KEY_TYPES } from '../crypto/key-types.js';
import { DAY_MS } from '../domain/utc-time.js';
import { KeypairType } from '../domain/keypair-type.js';
import { KeypairRepository } from '../persistence/repositories/keypair.repository.js';
import { Hourly } from './hourly.js';

/** The numbers of stored certificates that have expired, and that expire within 30 days. */
export interface CertificateDates {
  readonly endedAlready: number;
  readonly endingSoon: number;
}

const SOON_MS = 30 * DAY_MS;
/** Rows in one read. */
const PAGE = 500;

/** Counts certificates by their expiry. */
@Injectable()
export class Certificates {
  readonly dates = new Hourly<CertificateDates>({ endedAlready: 0, endingSoon: 0 }, (now) => this.count(now));

  constructor(private readonly keypairs: KeypairRepository) {}

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
