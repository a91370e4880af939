import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Requester } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import type { EventType } from '../../domain/event-type.js';
import { ownerOfProject } from '../../domain/keypair-owner.js';
import { areKeys } from '../../domain/storable.js';
import { notifyChange } from '../change-feed.js';
import type { Statement } from '../connection-pool.js';
import { Database } from '../database.js';
import { duplicateKey } from './duplicate-key.js';
import type { GuestKey } from '../entities/guest.entity.js';
import { eventOf } from './outbox.js';
import { hasUnknownOutcome } from '../database-failure.js';
import { TIME } from './keypair.repository.js';

/** The part of a guest that a change may replace. */
export interface GuestContent {
  readonly name: string;
  readonly hostname: string;
  readonly availabilityZone: string;
  /** The network within which its addresses are unique. */
  readonly network: string;
  /** In canonical form, and the order they were given in. */
  readonly addresses: readonly string[];
  readonly keys: readonly GuestKey[];
  /** Whether it receives the current keys of its keypairs instead of the copies. */
  readonly followKeys: boolean;
  /** How it trusts the SSH certificate authority: by a line among its keys, or in the configuration of sshd; null if it does not. */
  readonly sshCa: 'keys' | 'sshd' | null;
  /** `project` if it accepts certificates for its project; null if only those for itself. */
  readonly sshAccess: 'project' | null;
  /** The accounts that certificates with `sshd`, and followed keys, are valid for; null for none. */
  readonly loginUsers: readonly string[] | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Base64. */
  readonly userData: string | null;
  readonly vendorData: object | null;
  readonly networkData: object | null;
}

/** A guest before it is stored. */
export interface NewGuestRow extends GuestContent {
  /** A UUID in lower case. */
  readonly id: string;
  readonly userId: string;
  readonly projectId: string;
}

/** A guest as stored. Times are UTC, `2026-01-31T12:34:56.123456`. */
export interface StoredGuest extends NewGuestRow {
  /** A whole number in decimal digits, never reused. */
  readonly number: string;
  readonly revision: number;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

/** The owner of the keypair that a guest's key is a copy of. */
export const ownerOfKey = ({ userId, projectId }: Pick<StoredGuest, 'userId' | 'projectId'>, key: GuestKey): string =>
  key.scope === 'project' ? ownerOfProject(projectId) : userId;

/** Which guests are listed. */
export interface GuestListing {
  /** Undefined: of all users. */
  readonly userId: string | undefined;
  /** In canonical form. */
  readonly address: string | undefined;
  /** The name of a keypair that they hold a copy of. */
  readonly keyName: string | undefined;
  readonly after: string;
  readonly limit: number;
}

/** The guest with an address. */
export interface AddressHolder {
  readonly id: string;
  readonly userId: string;
  readonly address: string;
}

/** When a guest last requested its metadata, in UTC, and with which program; null if that gave no name. */
export interface GuestFetch {
  readonly id: string;
  readonly at: string;
  readonly agent: string | null;
}

/** A guest with this id exists. */
export class GuestIdTaken extends DomainError {
  constructor(id: string, options?: ErrorOptions) {
    super('guest-exists', `A guest with the id ${id} already exists.`, options);
  }
}

/** Another guest in the network has one of the addresses. */
export class AddressTaken extends DomainError {
  constructor(
    readonly network: string,
    options?: ErrorOptions,
  ) {
    super('address-taken', `One of the addresses is another guest's already, in the network ${network}.`, options);
  }
}

/** The project has reached its quota of guests. */
export class GuestQuotaExceeded extends DomainError {
  constructor(projectId: string, limit: number) {
    super(
      'guest-quota-exceeded',
      `Project ${projectId} has reached its limit of ${limit} guests. ` +
        'Delete guests that are gone, or ask the operator to raise GUEST_QUOTA.',
    );
  }
}

const GUEST = `
  g.id, g.number, g.user_id AS "userId", g.project_id AS "projectId", g.name, g.hostname,
  g.availability_zone AS "availabilityZone", g.network, g.keys, g.follow_keys AS "followKeys", g.ssh_ca AS "sshCa",
  g.ssh_access AS "sshAccess", g.login_users AS "loginUsers", g.metadata, g.user_data AS "userData",
  g.vendor_data AS "vendorData", g.network_data AS "networkData", g.revision,
  to_char(g.created_at, ${TIME}) AS "createdAt", to_char(g.updated_at, ${TIME}) AS "updatedAt"`;
const WITH_ADDRESSES = `${GUEST},
  ARRAY(SELECT address FROM guest_addresses WHERE guest_id = g.id ORDER BY position) AS addresses`;

/** The data of an event, where the columns are those of a guest. */
const DATA = `jsonb_build_object('id', id, 'name', name)`;

// The row lock of the counter serialises concurrent registrations of a project across all processes; a failed statement rolls its
// count back.
const ADD = {
  name: 'guest-add',
  text: `
    WITH slot AS (
      INSERT INTO guest_usage AS usage (project_id, used) SELECT $13, 1 WHERE $15::int <> 0
      ON CONFLICT (project_id) DO UPDATE SET used = usage.used + 1 WHERE usage.used < $15::int OR $15::int < 0
      RETURNING used
    ), g AS (
      INSERT INTO guests (id, name, hostname, availability_zone, network, keys, metadata, user_data, vendor_data,
        network_data, user_id, project_id, create_id, follow_keys, ssh_ca, ssh_access, login_users)
      SELECT $1::uuid, $2, $3, $4, $5, $6::json, $7::json, $8, $9::json, $10::json, $12, $13, $14::uuid, $16::boolean,
        $17, $18, $19::jsonb FROM slot
      RETURNING *
    ), known_by AS (
      INSERT INTO guest_addresses (network, address, guest_id, position)
      SELECT g.network, a.address, g.id, a.position FROM g, unnest($11::varchar[]) WITH ORDINALITY a (address, position)
    ), ${eventOf(20, { from: 'g', owner: 'user_id', data: DATA })}
    SELECT ${GUEST}, $11::varchar[] AS addresses FROM g`,
};

// The count makes the new addresses wait until the old ones are gone.
const CHANGE = {
  name: 'guest-change',
  text: `
    WITH g AS (
      UPDATE guests SET name = $2, hostname = $3, availability_zone = $4, network = $5, keys = $6, metadata = $7,
        user_data = $8, vendor_data = $9, network_data = $10, follow_keys = $13, ssh_ca = $14, ssh_access = $15,
        login_users = $16::jsonb, revision = revision + 1,
        updated_at = timezone('utc', now())
      WHERE id = $1 AND revision = $12
      RETURNING *
    ), gone AS (
      DELETE FROM guest_addresses WHERE guest_id IN (SELECT id FROM g) RETURNING 1
    ), known_by AS (
      INSERT INTO guest_addresses (network, address, guest_id, position)
      SELECT g.network, a.address, g.id, a.position FROM g, unnest($11::varchar[]) WITH ORDINALITY a (address, position)
      WHERE (SELECT count(*) FROM gone) >= 0
    ), others AS (
      SELECT ${notifyChange('guest', 'id')} FROM g
    ), ${eventOf(17, { from: 'g', owner: 'user_id', data: DATA })}
    SELECT ${GUEST}, $11::varchar[] AS addresses FROM g, others`,
};

/** A guest, if the registration with that id created it. */
const FIND_MADE_BY = {
  name: 'guest-find-made-by',
  text: `SELECT ${WITH_ADDRESSES} FROM guests g WHERE g.id = $1 AND g.create_id = $2`,
};

/** A guest as the change to that revision left it. Columns of type json keep the text that was sent. */
const FIND_JUST_CHANGED = {
  name: 'guest-find-just-changed',
  text: `
    SELECT ${WITH_ADDRESSES} FROM guests g
    WHERE g.id = $1 AND g.name = $2 AND g.hostname = $3 AND g.availability_zone = $4 AND g.network = $5
      AND g.keys::text = $6 AND g.metadata::text = $7 AND g.user_data IS NOT DISTINCT FROM $8
      AND g.vendor_data::text IS NOT DISTINCT FROM $9 AND g.network_data::text IS NOT DISTINCT FROM $10
      AND ARRAY(SELECT address FROM guest_addresses WHERE guest_id = g.id ORDER BY position) = $11::varchar[]
      AND g.revision = $12::int + 1 AND g.follow_keys = $13 AND g.ssh_ca IS NOT DISTINCT FROM $14
      AND g.ssh_access IS NOT DISTINCT FROM $15 AND g.login_users IS NOT DISTINCT FROM $16::jsonb`,
};

const REMOVE = {
  name: 'guest-remove',
  text: `
    WITH gone AS (
      DELETE FROM guests WHERE id = $1 RETURNING id, user_id, project_id, name
    ), freed AS (
      UPDATE guest_usage SET used = greatest(used - 1, 0) WHERE project_id IN (SELECT project_id FROM gone)
    ), ${eventOf(2, { from: 'gone', owner: 'user_id', data: DATA })}
    SELECT id, ${notifyChange('guest', 'id')} FROM gone`,
};

const FIND = { name: 'guest-find', text: `SELECT ${WITH_ADDRESSES} FROM guests g WHERE g.id = $1` };

const FIND_BY_ADDRESS = {
  name: 'guest-find-by-address',
  text: `
    SELECT ${WITH_ADDRESSES} FROM guest_addresses a JOIN guests g ON g.id = a.guest_id
    WHERE a.network = $1 AND a.address = $2`,
};

const FIND_BY_NOCLOUD_TOKEN = {
  name: 'guest-find-by-nocloud-token',
  text: `
    SELECT ${WITH_ADDRESSES} FROM guest_nocloud_tokens t JOIN guests g ON g.id = t.guest_id
    WHERE t.sha256 = $1`,
};

const PAGE = {
  name: 'guest-page',
  text: `SELECT ${WITH_ADDRESSES} FROM guests g WHERE g.user_id = $1 AND g.number > $2 ORDER BY g.number LIMIT $3`,
};

const PAGE_OF_ALL = {
  name: 'guest-page-of-all',
  text: `SELECT ${WITH_ADDRESSES} FROM guests g WHERE g.number > $1 ORDER BY g.number LIMIT $2`,
};

/** Whether a guest holds a copy of a keypair with this name, of any owner. */
const HOLDS_KEYPAIR = (value: string): string =>
  `g.keys::jsonb @> jsonb_build_array(jsonb_build_object('name', ${value}::text))`;

/** The guests that have an address, in whichever network. */
const WITH_ADDRESS = {
  name: 'guest-with-address',
  text: `
    SELECT ${WITH_ADDRESSES} FROM guest_addresses a JOIN guests g ON g.id = a.guest_id
    WHERE a.address = $1 AND ($2::varchar IS NULL OR g.user_id = $2) AND g.number > $3
      AND ($5::text IS NULL OR ${HOLDS_KEYPAIR('$5')}) ORDER BY g.number LIMIT $4`,
};

const WITH_KEYPAIR = {
  name: 'guest-with-keypair',
  text: `
    SELECT ${WITH_ADDRESSES} FROM guests g
    WHERE ${HOLDS_KEYPAIR('$1')} AND ($2::varchar IS NULL OR g.user_id = $2) AND g.number > $3
    ORDER BY g.number LIMIT $4`,
};

/** The guest that has one of the addresses in a network. */
const HOLDER = {
  name: 'guest-holder',
  text: `
    SELECT g.id, g.user_id AS "userId", a.address FROM guest_addresses a JOIN guests g ON g.id = a.guest_id
    WHERE a.network = $1 AND a.address = ANY ($2::varchar[]) AND g.id <> $3 ORDER BY a.address LIMIT 1`,
};

const PASSWORD = { name: 'guest-password', text: `SELECT password FROM guests WHERE id = $1` };

const SET_PASSWORD = {
  name: 'guest-set-password',
  text: `UPDATE guests SET password = $2 WHERE id = $1 AND password IS NULL RETURNING id`,
};

// The keys stay those of the first report, so that nothing in the guest that comes later can replace them.
const ADD_HOST_KEYS = {
  name: 'guest-add-host-keys',
  text: `
    INSERT INTO guest_host_keys (guest_id, keys) SELECT id, $2 FROM guests WHERE id = $1
    ON CONFLICT (guest_id) DO NOTHING RETURNING guest_id`,
};

const REMOVE_HOST_KEYS: Statement = {
  name: 'guest-remove-host-keys',
  repeatable: true,
  text: `DELETE FROM guest_host_keys WHERE guest_id = $1`,
};

const HOST_KEYS = {
  name: 'guest-host-keys',
  text: `SELECT guest_id AS id, keys FROM guest_host_keys WHERE guest_id = ANY ($1::uuid[])`,
};

const SET_NOCLOUD_TOKEN: Statement = {
  name: 'guest-set-nocloud-token',
  repeatable: true,
  text: `
    WITH made AS (
      INSERT INTO guest_nocloud_tokens (guest_id, sha256) SELECT id, $2 FROM guests WHERE id = $1
      ON CONFLICT (guest_id) DO UPDATE SET sha256 = excluded.sha256 RETURNING guest_id
    )
    SELECT guest_id, ${notifyChange('guest', 'guest_id')} FROM made`,
};

const REMOVE_NOCLOUD_TOKEN: Statement = {
  name: 'guest-remove-nocloud-token',
  repeatable: true,
  text: `
    WITH gone AS (
      DELETE FROM guest_nocloud_tokens WHERE guest_id = $1 RETURNING guest_id
    )
    SELECT ${notifyChange('guest', 'guest_id')} FROM gone`,
};

// A guest that was deleted meanwhile is omitted, and of two replicas the later time wins.
const SET_FETCHED: Statement = {
  name: 'guest-set-fetched',
  repeatable: true,
  text: `
    INSERT INTO guest_fetches AS f (guest_id, last_fetched_at, agent)
    SELECT g.id, fetched_at, fetched_by
    FROM unnest($1::uuid[], $2::timestamp[], $3::varchar[]) AS fetches (fetched_id, fetched_at, fetched_by)
    JOIN guests g ON g.id = fetched_id
    ON CONFLICT (guest_id) DO UPDATE SET last_fetched_at = excluded.last_fetched_at, agent = excluded.agent
    WHERE f.last_fetched_at < excluded.last_fetched_at`,
};

const FETCHES = {
  name: 'guest-fetches',
  text: `
    SELECT guest_id AS id, to_char(last_fetched_at, ${TIME}) AS at, agent FROM guest_fetches
    WHERE guest_id = ANY ($1::uuid[])`,
};

/** Every statement, for the test of their plans. */
export const STATEMENTS = {
  ADD,
  CHANGE,
  FIND_MADE_BY,
  FIND_JUST_CHANGED,
  REMOVE,
  FIND,
  FIND_BY_ADDRESS,
  FIND_BY_NOCLOUD_TOKEN,
  PAGE,
  PAGE_OF_ALL,
  WITH_ADDRESS,
  WITH_KEYPAIR,
  HOLDER,
  PASSWORD,
  SET_PASSWORD,
  SET_FETCHED,
  FETCHES,
  ADD_HOST_KEYS,
  REMOVE_HOST_KEYS,
  HOST_KEYS,
  SET_NOCLOUD_TOKEN,
  REMOVE_NOCLOUD_TOKEN,
};

/** The stored guests. Ids are UUIDs. */
@Injectable()
export class GuestRepository {
  constructor(private readonly database: Database) {}

  /**
   * Registers a guest if its project has fewer than `limit`; a negative one is no limit. Throws {@link GuestIdTaken},
   * {@link AddressTaken} or {@link GuestQuotaExceeded} without a change. If the outcome is unknown the insert is repeated, and
   * either succeeds or finds the row of the first one.
   */
  async add(guest: NewGuestRow, limit: number, by: Requester): Promise<StoredGuest> {
    const createId = randomUUID();
    const values = [...contentOf(guest.id, guest), guest.userId, guest.projectId, createId, limit, ...accessOf(guest)];
    values.push(...this.event('guest.created', guest.projectId, by));
    const deadline = this.database.deadline();
    try {
      return await this.insert(guest, limit, values, deadline);
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
    }
    try {
      return await this.insert(guest, limit, values, deadline);
    } catch (error) {
      if (!(error instanceof GuestIdTaken) && !(error instanceof GuestQuotaExceeded)) throw error;
      const [found] = await this.database.readPrimary<StoredGuest>(FIND_MADE_BY, [guest.id, createId], deadline);
      if (!found) throw error;
      await this.database.confirm(deadline);
      return found;
    }
  }

  /** Changes a guest and returns it; undefined if it does not exist with that revision. Throws {@link AddressTaken}. */
  async change(
    { id, projectId, revision }: Pick<StoredGuest, 'id' | 'projectId' | 'revision'>,
    content: GuestContent,
    by: Requester,
  ): Promise<StoredGuest | undefined> {
    const values = [...contentOf(id, content), revision, ...accessOf(content)];
    const event = this.event('guest.updated', projectId, by);
    const deadline = this.database.deadline();
    const change = async (): Promise<StoredGuest | undefined> => {
      const [changed] = await this.unlessTaken({ id, ...content }, () =>
        this.database.write<StoredGuest>(CHANGE, [...values, ...event], deadline),
      );
      return changed;
    };
    try {
      return await change();
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      // The condition on the revision lets only one of the two statements change the row.
      const changed = await change();
      if (changed) return changed;
      const [found] = await this.database.readPrimary<StoredGuest>(FIND_JUST_CHANGED, values, deadline);
      await this.database.confirm(deadline);
      return found;
    }
  }

  /** Removes a guest; false if it did not exist. If the answer of the database was lost, true once it does not exist. */
  async remove({ id, projectId }: Pick<StoredGuest, 'id' | 'projectId'>, by: Requester): Promise<boolean> {
    const values = [id, ...this.event('guest.deleted', projectId, by)];
    const deadline = this.database.deadline();
    try {
      return (await this.database.write(REMOVE, values, deadline)).length > 0;
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      await this.database.write(REMOVE, values, deadline);
      await this.database.confirm(deadline);
      return true;
    }
  }

  /** With `mayLag` read from a standby, if reads prefer one. */
  async find(id: string, { mayLag = false } = {}): Promise<StoredGuest | undefined> {
    const [found] = await this.database.read<StoredGuest>(FIND, [id], mayLag ? { owners: [] } : {});
    return found;
  }

  /** As a standby has it, if reads prefer one. */
  async findByAddress(network: string, address: string): Promise<StoredGuest | undefined> {
    const [found] = await this.database.read<StoredGuest>(FIND_BY_ADDRESS, [network, address], { owners: [] });
    return found;
  }

  /** By the SHA-256 of its token; read from a standby, if reads prefer one. */
  async findByNoCloudToken(sha256: Buffer): Promise<StoredGuest | undefined> {
    const [found] = await this.database.read<StoredGuest>(FIND_BY_NOCLOUD_TOKEN, [sha256], { owners: [] });
    return found;
  }

  /**
   * At most `limit` guests of a user, or of all, in the order of registration, from the first one after the number `after` on;
   * with an address or the name of a keypair only those that have it.
   */
  async page({ userId, address, keyName, after, limit }: GuestListing): Promise<StoredGuest[]> {
    // PostgreSQL stores no NUL, and refuses it in parameters.
    if (!areKeys(userId ?? '', keyName ?? '')) return [];
    if (address !== undefined) {
      return this.database.read<StoredGuest>(WITH_ADDRESS, [address, userId, after, limit, keyName]);
    }
    if (keyName !== undefined) return this.database.read<StoredGuest>(WITH_KEYPAIR, [keyName, userId, after, limit]);
    if (userId === undefined) return this.database.read<StoredGuest>(PAGE_OF_ALL, [after, limit]);
    return this.database.read<StoredGuest>(PAGE, [userId, after, limit]);
  }

  /** The guest other than `id` that has one of the addresses in a network, if any. */
  async holderOf(network: string, addresses: readonly string[], id: string): Promise<AddressHolder | undefined> {
    const [found] = await this.database.read<AddressHolder>(HOLDER, [network, addresses, id]);
    return found;
  }

  /** The password that the guest stored; null if none, undefined if the guest does not exist. */
  async password(id: string): Promise<string | null | undefined> {
    const [found] = await this.database.read<{ password: string | null }>(PASSWORD, [id]);
    return found?.password;
  }

  /** Stores a password if the guest has none. Returns whether it was stored. */
  async setPassword(id: string, password: string): Promise<boolean> {
    const deadline = this.database.deadline();
    const store = async (): Promise<boolean> =>
      (await this.database.write(SET_PASSWORD, [id, password], deadline)).length > 0;
    try {
      return await store();
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      if (await store()) return true;
      const [found] = await this.database.readPrimary<{ password: string | null }>(PASSWORD, [id], deadline);
      await this.database.confirm(deadline);
      return found?.password === password;
    }
  }

  /** Stores the host keys that a guest reports, unless it has reported others. Returns whether they are stored. */
  async addHostKeys(id: string, keys: string): Promise<boolean> {
    const deadline = this.database.deadline();
    const add = () => this.database.write(ADD_HOST_KEYS, [id, keys], deadline);
    try {
      if ((await add()).length > 0) return true;
    } catch (error) {
      if (!hasUnknownOutcome(error)) throw error;
      if ((await add()).length > 0) return true;
    }
    const [found] = await this.database.readPrimary<{ keys: string }>(HOST_KEYS, [[id]], deadline);
    await this.database.confirm(deadline);
    return found?.keys === keys;
  }

  /** Forgets the host keys of a guest, which may then report new ones. */
  async removeHostKeys(id: string): Promise<void> {
    await this.database.write(REMOVE_HOST_KEYS, [id]);
  }

  /** The reported host keys of guests by id, a line for each key. */
  async hostKeys(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = ids.length === 0 ? [] : await this.database.read<{ id: string; keys: string }>(HOST_KEYS, [ids]);
    return new Map(found.map(({ id, keys }) => [id, keys]));
  }

  /** Replaces the token of a guest with the one that has this SHA-256. Returns false if the guest does not exist. */
  async setNoCloudToken(id: string, sha256: Buffer): Promise<boolean> {
    return (await this.database.write(SET_NOCLOUD_TOKEN, [id, sha256])).length > 0;
  }

  async removeNoCloudToken(id: string): Promise<void> {
    await this.database.write(REMOVE_NOCLOUD_TOKEN, [id]);
  }

  /** Stores when guests requested their metadata. Each guest may occur only once. */
  async setFetched(fetches: readonly GuestFetch[]): Promise<void> {
    const column = (name: keyof GuestFetch) => fetches.map((each) => each[name]);
    await this.database.write(SET_FETCHED, [column('id'), column('at'), column('agent')]);
  }

  /** When guests last requested their metadata, by id; without those that have not yet. */
  async fetches(ids: readonly string[]): Promise<ReadonlyMap<string, GuestFetch>> {
    const found = ids.length === 0 ? [] : await this.database.read<GuestFetch>(FETCHES, [ids]);
    return new Map(found.map((fetch) => [fetch.id, fetch]));
  }

  /** It happens in the project of the guest. */
  private event(type: EventType, projectId: string, { userId, requestId }: Requester): unknown[] {
    return this.database.event(type, { userId, requestId, projectId });
  }

  private async insert(guest: NewGuestRow, limit: number, values: unknown[], deadline: number): Promise<StoredGuest> {
    const [added] = await this.unlessTaken(guest, () => this.database.write<StoredGuest>(ADD, values, deadline));
    if (!added) throw new GuestQuotaExceeded(guest.projectId, limit);
    return added;
  }

  private async unlessTaken<T>({ id, network }: { id: string; network: string }, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      const key = duplicateKey(error);
      if (key === 'id') throw new GuestIdTaken(id, { cause: error });
      if (key === 'network, address') throw new AddressTaken(network, { cause: error });
      throw error;
    }
  }
}

/** The first eleven values of the statements that write. */
function contentOf(id: string, content: GuestContent): unknown[] {
  const { name, hostname, availabilityZone, network, keys, metadata, userData, vendorData, networkData } = content;
  return [
    id,
    name,
    hostname,
    availabilityZone,
    network,
    JSON.stringify(keys),
    JSON.stringify(metadata),
    userData,
    vendorData && JSON.stringify(vendorData),
    networkData && JSON.stringify(networkData),
    content.addresses,
  ];
}

/** The last values of the statements that write. */
function accessOf({ followKeys, sshCa, sshAccess, loginUsers }: GuestContent): unknown[] {
  return [followKeys, sshCa, sshAccess, loginUsers && JSON.stringify(loginUsers)];
}
