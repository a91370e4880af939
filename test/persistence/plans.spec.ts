import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { STATEMENTS as CREDENTIALS } from '../../src/persistence/repositories/application-credential.repository.js';
import { STATEMENTS as QUEUE } from '../../src/persistence/repositories/event-queue.repository.js';
import { STATEMENTS as EVENTS } from '../../src/persistence/repositories/event.repository.js';
import { STATEMENTS as GUESTS } from '../../src/persistence/repositories/guest.repository.js';
import { STATEMENTS as IDENTITY } from '../../src/persistence/repositories/identity.repository.js';
import { STATEMENTS as RECORDS } from '../../src/persistence/repositories/keypair-record.repository.js';
import { STATEMENTS as KEYPAIRS } from '../../src/persistence/repositories/keypair.repository.js';
import { STATEMENTS as CODES } from '../../src/persistence/repositories/one-time-code.repository.js';
import { STATEMENTS as QUOTAS } from '../../src/persistence/repositories/quota.repository.js';
import { STATEMENTS as REVOKED_TOKENS } from '../../src/persistence/repositories/revoked-token.repository.js';
import { STATEMENTS as CERTIFICATES } from '../../src/persistence/repositories/ssh-certificate.repository.js';
import { STATEMENTS as DELIVERIES } from '../../src/persistence/repositories/webhook-delivery.repository.js';
import { STATEMENTS as WEBHOOKS } from '../../src/persistence/repositories/webhook.repository.js';
import { type StartedApp, startApp } from '../support/start-app.js';

// A busy machine takes its time to fill the tables.

const STATEMENTS = Object.values({
  ...KEYPAIRS,
  ...namesApart(CERTIFICATES),
  ...namesApart(CODES),
  ...namesApart(CREDENTIALS),
  ...namesApart(EVENTS),
  ...namesApart(QUEUE),
  ...namesApart(GUESTS),
  ...namesApart(IDENTITY),
  ...namesApart(QUOTAS),
  ...namesApart(RECORDS),
  ...namesApart(REVOKED_TOKENS),
  ...namesApart(WEBHOOKS),
  ...namesApart(DELIVERIES),
});

/** Statements of several repositories share names such as ADD. */
function namesApart<T extends { readonly name: string }>(statements: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.values(statements).map((each) => [each.name, each]));
}

/** Statements that sort a few rows that no index orders: limits of one project's users, guests with one address or keypair, two owners' keypairs. */
const SORTING = [
  'quota-users-sum',
  'guest-with-address',
  'guest-with-keypair',
  'keypair-record-with-digest',
  'keypair-guests',
  'keypair-guests-of-projects',
  'keypair-record-page-of-several',
  'identity-load',
];

/**
 * Statements that read users, projects or roles whole: every replica keeps them in memory, and projects are seldom removed. And the queue of
 * events, which is mostly empty, and webhooks until one is enabled.
 */
const WHOLE = [
  'identity-load',
  'identity-is-empty',
  'identity-remove-project',
  'event-consumer-forget',
  'event-queue-waiting',
  'webhook-forget',
];

/** A node of a plan as EXPLAIN prints it, with its children. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

// Enough rows for the planner to see that reading them all is the wrong way.
const FILL = [
  `INSERT INTO key_pairs (user_id, name, fingerprint, public_key)
   SELECT 'user-' || u, 'key-' || k, 'aa:bb', repeat('x', 80) FROM generate_series(1, 1000) u, generate_series(1, 10) k`,
  `UPDATE key_pairs SET sha256 = sha256(name::bytea) WHERE name <> 'key-1'`,
  `INSERT INTO keypair_details (user_id, name, tags) SELECT user_id, name, '{"a":"b"}' FROM key_pairs`,
  `INSERT INTO keypair_versions SELECT user_id, name, 1, type, fingerprint, public_key, created_at, created_at, created_at FROM key_pairs`,
  `INSERT INTO keypair_usage SELECT 'user-' || u, 10 FROM generate_series(1, 1000) u`,
  `INSERT INTO quotas SELECT 'project-' || p, 'user-' || u, 'key_pairs', 10
   FROM generate_series(1, 500) p, generate_series(1, 10) u`,
  `INSERT INTO revoked_tokens SELECT md5(t::text), timezone('utc', now()) + t * interval '1 second' FROM generate_series(1, 5000) t`,
  `INSERT INTO application_credentials (id, user_id, name, project_id, secret_hash, roles)
   SELECT md5(u || '-' || c), 'user-' || u, 'ci-' || c, 'demo', 'x', '["reader"]'
   FROM generate_series(1, 1000) u, generate_series(1, 10) c`,
  `INSERT INTO application_credential_usage SELECT 'user-' || u, 10 FROM generate_series(1, 1000) u`,
  `INSERT INTO one_time_codes SELECT 'user-' || u, 1 FROM generate_series(1, 1000) u`,
  `INSERT INTO guests (id, user_id, project_id, name, hostname, availability_zone, network, keys, metadata)
   SELECT md5(g::text)::uuid, 'user-' || g % 1000, 'project', 'web', 'web', 'nova', 'default', '[]', '{}'
   FROM generate_series(1, 5000) g`,
  `INSERT INTO guest_host_keys SELECT id, 'ssh-ed25519 AAAA' FROM guests`,
  `INSERT INTO guest_nocloud_tokens SELECT id, sha256(id::text::bytea) FROM guests`,
  `INSERT INTO guest_fetches SELECT id, created_at, 'Cloud-Init/22.4.2' FROM guests`,
  `INSERT INTO guest_usage SELECT 'project-' || p, 10 FROM generate_series(1, 1000) p`,
  `INSERT INTO guest_addresses (network, address, guest_id, position)
   SELECT 'default', '10.0.' || g / 250 || '.' || g % 250 || '.' || a, md5(g::text)::uuid, a
   FROM generate_series(1, 5000) g, generate_series(1, 2) a`,
  `INSERT INTO identity_users (id, name) SELECT 'user-' || u, 'name-' || u FROM generate_series(1, 5000) u`,
  `INSERT INTO identity_projects (id, name) SELECT 'project-' || p, 'name-' || p FROM generate_series(1, 5000) p`,
  `INSERT INTO identity_assignments SELECT 'user-' || u, 'project-' || u, 'member' FROM generate_series(1, 5000) u`,
  `INSERT INTO ssh_certificates (user_id, keypair_owner, keypair, keypair_id, keypair_fingerprint, key_id, principals, valid_after, valid_before)
   SELECT 'user-' || c % 1000, 'user-' || c % 1000, 'key-1', c, 'aa:bb', 'id', '["a"]', now() - c * interval '1 hour', now() - c * interval '1 hour'
   FROM generate_series(1, 5000) c`,
  `INSERT INTO events (event_id, type, project_id, owner, actor, request_id, data)
   SELECT gen_random_uuid(), 'keypair.created', 'project-' || e % 500, 'user-' || e % 1000, 'user-' || e % 1001, 'req-1', '{}' FROM generate_series(1, 5000) e`,
  `INSERT INTO webhooks (project_id, url, types, enabled, include_public_key, secret, created_by)
   SELECT CASE WHEN w > 5 THEN 'project-' || w END, 'https://example.com', '["keypair.*"]', w % 2 = 0, false, '', 'user-1' FROM generate_series(1, 5000) w`,
  `INSERT INTO webhook_usage SELECT 'project-' || p, 1 FROM generate_series(1, 5000) p`,
  `INSERT INTO webhook_deliveries (webhook_id, event_id, owner, type, body, due_at)
   SELECT w, gen_random_uuid(), 'user-' || d, 'keypair.created', '{}', CASE WHEN d = 1 THEN now() + w * interval '1 second' END
   FROM generate_series(1, 1000) w, generate_series(1, 10) d`,
  `INSERT INTO event_queue SELECT id, 'notifications' FROM events`,
  'VACUUM ANALYZE',
  'SET plan_cache_mode = force_generic_plan',
  // As docs/scaling.md recommends: on a solid-state disk any page costs about as much as the next one.
  'SET random_page_cost = 1.1',
];

let service: StartedApp;
let database: DataSource;

beforeAll(async () => {
  // One connection, so that settings and prepared statements hold for the next query.
  service = await startApp({ DATABASE_POOL_SIZE: '1' });
  database = service.app.get<DataSource>(getDataSourceToken());
  for (const statement of FILL) await database.query(statement);
});
afterAll(async () => service?.stop());

/** Every node of the plan, whatever the values, from the top. */
async function plan(name: string, text: string): Promise<PlanNode[]> {
  const unknown = [...new Set(text.match(/\$\d+/g) ?? [])].map(() => 'NULL');
  await database.query('DEALLOCATE ALL');
  await database.query(`PREPARE "${name}-plan" AS ${text}`);
  const [row] = await database.query<[{ 'QUERY PLAN': [{ Plan: PlanNode }] }]>(
    `EXPLAIN (FORMAT JSON) EXECUTE "${name}-plan"${unknown.length > 0 ? `(${unknown.join(', ')})` : ''}`,
  );
  const all = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(all)];
  return all(row['QUERY PLAN'][0].Plan);
}

describe('every statement of the service', () => {
  it('is explained here', () => {
    const directory = 'src/persistence/repositories';
    const sources = readdirSync(directory).filter((file) => file.endsWith('.repository.ts'));
    const named = sources.flatMap((file) => {
      const text = readFileSync(`${directory}/${file}`, 'utf8');
      return [...text.matchAll(/\bname: '([a-z-]+)'/g)].map(([, name]) => name);
    });
    expect(STATEMENTS.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
  });

  it.each(STATEMENTS.filter(({ name }) => !WHOLE.includes(name)).map(({ name, text }) => [name, text]))(
    '%s finds its rows by an index',
    async (name, text) => {
      const nodes = await plan(name, text);
      // It has a row or two.
      const tables = nodes.filter((node) => node['Relation Name'] !== 'event_consumers');
      const readWhole = tables.filter((node) => node['Node Type'] === 'Seq Scan');
      expect(readWhole.map((node) => node['Relation Name'])).toEqual([]);
    },
  );

  it.each(STATEMENTS.filter(({ name }) => !SORTING.includes(name)).map(({ name, text }) => [name, text]))(
    '%s sorts nothing',
    async (name, text) => {
      const kinds = (await plan(name, text)).map((node) => node['Node Type']);
      expect(kinds.filter((kind) => kind.endsWith('Sort'))).toEqual([]);
    },
  );
});
