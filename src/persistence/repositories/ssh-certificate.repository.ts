import { Injectable } from '@nestjs/common';
import type { Requester } from '../../domain/caller.js';
import { areKeys } from '../../domain/storable.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { eventOf } from './outbox.js';
import { TIME } from './keypair.repository.js';

/** The fields of a certificate. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface NewCertificate {
  /** The user who requested it, and in which project. */
  readonly userId: string;
  readonly projectId: string | null;
  /** The user or project whose keypair is certified. */
  readonly keypairOwner: string;
  readonly keypair: string;
  readonly keypairId: string;
  readonly keypairFingerprint: string;
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly validAfter: string;
  readonly validBefore: string;
}

export interface StoredCertificate extends NewCertificate {
  /** A whole number in decimal digits, never reused. */
  readonly serial: string;
  readonly issuedAt: string;
  readonly revokedAt: string | null;
  /** Whether it was revoked, or its keypair is deleted, expired, or has another key. */
  readonly isRevoked: boolean;
}

/** Which certificates are listed. */
export interface CertificateListing {
  /** Undefined: of all users. */
  readonly userId: string | undefined;
  readonly keypair: string | undefined;
  /** Only those that have not ended. */
  readonly isActive: boolean;
  /** The serial number after which the page begins. */
  readonly after: string;
  readonly limit: number;
}

/** How long certificates are kept after they expire, to answer who had access. */
const KEPT_DAYS = 30;

/** How long certificates stay in the revocation list after they expire, for guests whose clocks are slow. */
const CLOCK_SKEW = `interval '1 hour'`;

const CERTIFICATE = `
  serial, user_id AS "userId", project_id AS "projectId", keypair_owner AS "keypairOwner", keypair,
  keypair_id AS "keypairId", keypair_fingerprint AS "keypairFingerprint", key_id AS "keyId", principals,
  to_char(valid_after, ${TIME}) AS "validAfter", to_char(valid_before, ${TIME}) AS "validBefore",
  to_char(issued_at, ${TIME}) AS "issuedAt", to_char(revoked_at, ${TIME}) AS "revokedAt"`;

/** The data of an event, where the columns are those of a certificate. */
const DATA = `jsonb_build_object('serial', serial, 'keypair', keypair,
        'fingerprint', keypair_fingerprint, 'principals', principals,
        'valid_before', to_char(valid_before, ${TIME}))`;

/** A serial number that no certificate ever has. */
const SERIAL: Statement = {
  name: 'ssh-certificate-serial',
  repeatable: true,
  text: `SELECT nextval('ssh_certificates_serial_seq') AS serial`,
};

// Written once it is signed and before it is handed out, so none is used that is not here. A second try adds nothing to the first one.
const ADD: Statement = {
  name: 'ssh-certificate-add',
  repeatable: true,
  text: `
    WITH added AS (
      INSERT INTO ssh_certificates (user_id, project_id, keypair_owner, keypair, keypair_id, keypair_fingerprint, key_id,
        principals, valid_after, valid_before, serial)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::timestamp, $10::timestamp, $11)
      ON CONFLICT (serial) DO NOTHING
      RETURNING serial, user_id, keypair, keypair_fingerprint, principals, valid_before
    ), ${eventOf(12, { from: 'added', owner: 'user_id', data: DATA })}
    SELECT serial FROM added`,
};

const FIND = { name: 'ssh-certificate-find', text: `SELECT ${CERTIFICATE} FROM ssh_certificates WHERE serial = $1` };

const PAGE = {
  name: 'ssh-certificate-page',
  text: `
    SELECT ${CERTIFICATE} FROM ssh_certificates
    WHERE user_id = $1 AND serial > $2 AND ($4::varchar IS NULL OR keypair = $4)
      AND (NOT $5::boolean OR valid_before > timezone('utc', now()))
    ORDER BY serial LIMIT $3`,
};

const PAGE_OF_ALL = {
  name: 'ssh-certificate-page-of-all',
  text: `
    SELECT ${CERTIFICATE} FROM ssh_certificates
    WHERE serial > $1 AND ($3::varchar IS NULL OR keypair = $3)
      AND (NOT $4::boolean OR valid_before > timezone('utc', now()))
    ORDER BY serial LIMIT $2`,
};

const REVOKE: Statement = {
  name: 'ssh-certificate-revoke',
  repeatable: true,
  text: `
    WITH revoked AS (
      UPDATE ssh_certificates SET revoked_at = timezone('utc', now()) WHERE serial = $1 AND revoked_at IS NULL
      RETURNING serial, user_id, keypair, keypair_fingerprint, principals, valid_before
    ), ${eventOf(2, { from: 'revoked', owner: 'user_id', data: DATA })}
    SELECT serial FROM revoked`,
};

/** Those that a guest might still accept, whether or not they are revoked. */
const LIVE = {
  name: 'ssh-certificate-live',
  text: `SELECT ${CERTIFICATE} FROM ssh_certificates WHERE valid_before > timezone('utc', now()) - ${CLOCK_SKEW}`,
};

/** The current keypairs by id, without expired ones. */
const KEYPAIRS = {
  name: 'ssh-certificate-keypairs',
  text: `
    SELECT k.id, k.fingerprint, to_char(d.key_since, ${TIME}) AS "keySince"
    FROM unnest($1::varchar[], $2::varchar[]) AS requested (owner_id, owner_name)
    JOIN key_pairs k ON k.user_id = owner_id AND k.name = owner_name
    LEFT JOIN keypair_details d ON d.user_id = k.user_id AND d.name = k.name
    WHERE (k.expires_at <= timezone('utc', now())) IS NOT TRUE`,
};

const PRUNE: Statement = {
  name: 'ssh-certificate-prune',
  repeatable: true,
  text: `DELETE FROM ssh_certificates WHERE valid_before < timezone('utc', now()) - make_interval(days => ${KEPT_DAYS})`,
};

/** Every statement, for the tests of their plans and of distributed tables. */
export const STATEMENTS = { SERIAL, ADD, FIND, PAGE, PAGE_OF_ALL, REVOKE, LIVE, KEYPAIRS, PRUNE };

type Row = Omit<StoredCertificate, 'isRevoked'>;

/** A keypair that certificates were issued for. */
interface CertifiedKeypair {
  readonly id: string;
  readonly fingerprint: string;
  readonly keySince: string | null;
}

/**
 * The SSH certificates that were issued. Whether one is revoked follows from its keypair, so deleting, expiring or rotating a keypair revokes
 * its certificates in the very statement, whichever that is, and costs it nothing.
 */
@Injectable()
export class SshCertificateRepository {
  constructor(private readonly database: Database) {}

  /** The serial number for a certificate. */
  async nextSerial(): Promise<string> {
    const [{ serial }] = await this.database.write<{ serial: string }>(SERIAL, []);
    return serial;
  }

  /** Stores a certificate that was signed. */
  async add(serial: string, certificate: NewCertificate, by: Requester): Promise<void> {
    const { userId, projectId, keypairOwner, keypair, keypairId, keypairFingerprint, keyId } = certificate;
    const { principals, validAfter, validBefore } = certificate;
    const ofKeypair = [keypairOwner, keypair, keypairId, keypairFingerprint];
    const values = [userId, projectId, ...ofKeypair, keyId, JSON.stringify(principals), validAfter, validBefore];
    await this.database.write(ADD, [...values, serial, ...this.database.event('certificate.issued', by)]);
  }

  async find(serial: string): Promise<StoredCertificate | undefined> {
    const [found] = await this.judge(await this.database.read<Row>(FIND, [serial]));
    return found;
  }

  async page({ userId, keypair, isActive, after, limit }: CertificateListing): Promise<StoredCertificate[]> {
    if (!areKeys(userId ?? '', keypair ?? '')) return [];
    const rows =
      userId === undefined
        ? await this.database.read<Row>(PAGE_OF_ALL, [after, limit, keypair, isActive])
        : await this.database.read<Row>(PAGE, [userId, after, limit, keypair, isActive]);
    return this.judge(rows);
  }

  /** Revokes for good. */
  async revoke(serial: string, by: Requester): Promise<void> {
    await this.database.write(REVOKE, [serial, ...this.database.event('certificate.revoked', by)]);
  }

  /** The serial numbers of revoked certificates that a guest might still accept. */
  async revokedSerials(): Promise<bigint[]> {
    const live = await this.judge(await this.database.read<Row>(LIVE, []));
    return live.filter(({ isRevoked }) => isRevoked).map(({ serial }) => BigInt(serial));
  }

  /** Deletes certificates that expired a month ago. */
  async prune(): Promise<void> {
    await this.database.write(PRUNE, []);
  }

  /** Reads the keypairs after the certificates, so a keypair that is changed meanwhile counts as it is by then. */
  private async judge(rows: readonly Row[]): Promise<StoredCertificate[]> {
    if (rows.length === 0) return [];
    const names = new Map(rows.map((row) => [JSON.stringify([row.keypairOwner, row.keypair]), row]));
    const certified = [...names.values()];
    const values = [certified.map(({ keypairOwner }) => keypairOwner), certified.map(({ keypair }) => keypair)];
    const found = await this.database.read<CertifiedKeypair>(KEYPAIRS, values);
    const keypairs = new Map(found.map((keypair) => [keypair.id, keypair]));
    return rows.map((row) => ({
      ...row,
      isRevoked: row.revokedAt !== null || !isOf(row, keypairs.get(row.keypairId)),
    }));
  }
}

/** Whether a keypair has had the certified key since the certificate was issued. */
function isOf({ keypairFingerprint, issuedAt }: Row, keypair: CertifiedKeypair | undefined): boolean {
  if (!keypair || keypair.fingerprint !== keypairFingerprint) return false;
  return keypair.keySince === null || keypair.keySince <= issuedAt;
}
