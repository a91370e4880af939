import { describe, expect, it } from '@jest/globals';
import { DatabaseError } from 'pg';
import { KeypairType } from '../../src/domain/keypair-type.js';
import type { Database } from '../../src/persistence/database.js';
import {
  AddressTaken,
  GuestIdTaken,
  GuestRepository,
  type NewGuestRow,
} from '../../src/persistence/repositories/guest.repository.js';
import { KeypairRepository, NameTaken } from '../../src/persistence/repositories/keypair.repository.js';
import { refusingDatabase } from '../support/refusing-database.js';

/** A database that refuses every statement with an error of these fields. */
const refusing = (fields: Partial<DatabaseError>): Database =>
  refusingDatabase(Object.assign(new DatabaseError('refused', 0, 'error'), { severity: 'ERROR', ...fields }));

const keypair = {
  userId: 'alice',
  name: 'laptop',
  type: KeypairType.Ssh,
  fingerprint: 'f',
  sha256: Buffer.alloc(32),
  publicKey: 'k',
  expiresAt: null,
};
const guest: NewGuestRow = {
  id: '0b1c4a2e-6f38-4ad9-9e11-5b6fd2a3c4d5',
  userId: 'alice',
  projectId: 'p',
  name: 'web',
  hostname: 'web',
  availabilityZone: 'nova',
  network: 'default',
  addresses: ['10.0.0.5'],
  keys: [],
  followKeys: false,
  sshCa: null,
  sshAccess: null,
  loginUsers: null,
  metadata: {},
  userData: null,
  vendorData: null,
  networkData: null,
};

const refusalOf = (fields: Partial<DatabaseError>, act: (database: Database) => Promise<unknown>): Promise<unknown> =>
  act(refusing(fields)).then(
    () => undefined,
    (error: unknown) => error,
  );
const BY = { userId: 'alice', projectId: 'p', requestId: 'req-1' };
const create = (database: Database): Promise<void> =>
  new KeypairRepository(database).add(
    keypair,
    { projectId: 'p', userId: 'alice', defaultLimit: 5 },
    'keypair.imported',
    BY,
  );
const register = (database: Database): Promise<unknown> => new GuestRepository(database).add(guest, -1, BY);

const CASES = [
  ['a name', create, NameTaken, 'key_pairs', 'user_id, name', 'alice, laptop'],
  ['an id of a guest', register, GuestIdTaken, 'guests', 'id', guest.id],
  ['an address', register, AddressTaken, 'guest_addresses', 'network, address', 'default, 10.0.0.5'],
] as const;

describe.each(CASES)('%s that is taken is recognised', (_, act, refusal, table, columns, values) => {
  const detail = `Key (${columns})=(${values}) already exists.`;

  it.each<[string, Partial<DatabaseError>]>([
    ['by PostgreSQL', { detail, table, constraint: `${table}_pkey` }],
    [
      'by PostgreSQL in German',
      { detail: `Schlüssel »(${columns})=(${values})« existiert bereits.`, table, constraint: `${table}_pkey` },
    ],
    // As Citus 13.2 reports them from a shard on the coordinator, and from one on a worker.
    ['by a shard here', { detail, table: `${table}_102008`, constraint: `${table}_pkey_102008` }],
    ['by a shard elsewhere', { detail, where: 'while executing command on 127.0.0.1:5432' }],
  ])('%s', async (_by, fields) => {
    expect(await refusalOf({ code: '23505', ...fields }, act)).toBeInstanceOf(refusal);
  });

  it.each<[string, Partial<DatabaseError>]>([
    ['another key', { code: '23505', detail: 'Key (number)=(7) already exists.' }],
    ['a value that looks like a key', { code: '23505', detail: `Key (number)=(7) (${columns})=(${values}) exists.` }],
    ['another state', { code: '23503', detail }],
  ])('but not for %s', async (_of, fields) => {
    expect(await refusalOf(fields, act)).toBeInstanceOf(DatabaseError);
  });
});
