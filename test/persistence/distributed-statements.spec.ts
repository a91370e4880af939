import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadModule, parseSync } from 'libpg-query';
import { STATEMENTS as CREDENTIALS } from '../../src/persistence/repositories/application-credential.repository.js';
import { STATEMENTS as QUEUE } from '../../src/persistence/repositories/event-queue.repository.js';
import { STATEMENTS as EVENTS } from '../../src/persistence/repositories/event.repository.js';
import { STATEMENTS as GUESTS } from '../../src/persistence/repositories/guest.repository.js';
import { STATEMENTS as IDENTITY } from '../../src/persistence/repositories/identity.repository.js';
import { STATEMENTS as RECORDS } from '../../src/persistence/repositories/keypair-record.repository.js';
import { KeypairRepository, STATEMENTS as KEYPAIRS } from '../../src/persistence/repositories/keypair.repository.js';
import { STATEMENTS as CODES } from '../../src/persistence/repositories/one-time-code.repository.js';
import { STATEMENTS as QUOTAS } from '../../src/persistence/repositories/quota.repository.js';
import { STATEMENTS as REVOKED_TOKENS } from '../../src/persistence/repositories/revoked-token.repository.js';
import { STATEMENTS as CERTIFICATES } from '../../src/persistence/repositories/ssh-certificate.repository.js';
import { STATEMENTS as DELIVERIES } from '../../src/persistence/repositories/webhook-delivery.repository.js';
import { STATEMENTS as WEBHOOKS } from '../../src/persistence/repositories/webhook.repository.js';
import { refusingDatabase } from '../support/refusing-database.js';

await loadModule();

/** The tables that docs/scaling.md distributes, and the column that determines the shard of each row. */
const DISTRIBUTED: Readonly<Record<string, string>> = {
  key_pairs: 'user_id',
  keypair_details: 'user_id',
  keypair_usage: 'user_id',
  keypair_versions: 'user_id',
};

/** A node of PostgreSQL's parse tree. */
type Node = { readonly [member: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const isBareCall = (value: Node | undefined): boolean => value !== undefined && 'FuncCall' in value;

/** Every node of a kind in a tree, however deep. */
function nodes(kind: string, tree: unknown): Node[] {
  if (!isNode(tree)) return [];
  return Object.entries(tree).flatMap(([member, value]) => [
    ...(member === kind ? [value as Node] : []),
    ...nodes(kind, value),
  ]);
}

/** Names of the columns that a tree mentions. */
const columnsIn = (tree: unknown): string[] =>
  nodes('ColumnRef', tree).flatMap(({ fields }) =>
    nodes('String', fields)
      .slice(-1)
      .map(({ sval }) => String(sval)),
  );

/** Whether a tree calls one of these functions. */
const callsOne = (tree: unknown, names: readonly string[]): boolean =>
  nodes('FuncCall', tree).some(({ funcname }) =>
    nodes('String', funcname).some(({ sval }) => names.includes(String(sval))),
  );

const tablesIn = (tree: unknown): string[] => nodes('RangeVar', tree).map(({ relname }) => String(relname));

/** What Citus 13 refuses of a statement on distributed or reference tables, or would send to every shard. */
function problemsOf(text: string): string[] {
  const tree = parseSync(text) as unknown;
  const inserts = nodes('InsertStmt', tree);
  const changes = [...inserts, ...nodes('UpdateStmt', tree), ...nodes('DeleteStmt', tree)];
  const returnsFunction = changes.some(({ returningList, returningClause }) =>
    nodes('FuncCall', [returningList, returningClause]).some(() => true),
  );
  const subselects = inserts.some(({ onConflictClause }) => nodes('SubLink', onConflictClause).length > 0);
  const offsets = nodes('RangeSubselect', tree).some(
    (subselect) => subselect.lateral === true && nodes('limitOffset', subselect).length > 0,
  );
  // Its result is stored in a table, which has no columns of type void.
  const voids = nodes('CommonTableExpr', tree).some((query) =>
    nodes('targetList', query).some((targets) =>
      (targets as unknown as Node[]).some(({ ResTarget }) =>
        nodes('FuncCall', [(ResTarget as { val?: Node }).val].filter(isBareCall)).some(
          ({ funcname }) => nodes('String', funcname).at(-1)?.sval === 'pg_notify',
        ),
      ),
    ),
  );
  const updates = [...nodes('UpdateStmt', tree), ...nodes('DeleteStmt', tree)];
  const isVolatile = callsOne(updates, ['clock_timestamp', 'random', 'gen_random_uuid', 'nextval']);
  const choices = ['CaseExpr', 'CoalesceExpr'].flatMap((kind) => nodes(kind, updates));
  const unplaced = inserts.filter(({ relation, cols }) => {
    const column = DISTRIBUTED[String((relation as Node).relname)];
    return column !== undefined && !nodes('ResTarget', cols).some(({ name }) => name === column);
  });
  // A constant in place of the column of the table that it was selected from hides the shard of the row.
  const constants = inserts.filter(({ relation, selectStmt }) => {
    if (DISTRIBUTED[String((relation as Node).relname)] === undefined || tablesIn(selectStmt).length === 0)
      return false;
    const [first] = nodes('targetList', selectStmt);
    return (
      tablesIn(selectStmt).some((name) => name.startsWith('slot')) &&
      nodes('ParamRef', (first as unknown as Node[])[0]).length > 0
    );
  });
  const everywhere = [...nodes('SelectStmt', tree), ...changes].filter((statement) => {
    const { fromClause, relation, whereClause } = statement;
    if (inserts.includes(statement)) return false;
    const tables = [fromClause, relation && { RangeVar: relation }].flatMap(tablesOfLevel);
    const conditions = columnsIn([whereClause, fromClause]);
    return tables.some((name) => name in DISTRIBUTED && !conditions.includes(DISTRIBUTED[name]));
  });
  return [
    ...(returnsFunction ? ['a function in RETURNING'] : []),
    ...(subselects ? ['a subselect in ON CONFLICT'] : []),
    ...(offsets ? ['OFFSET in a lateral subselect'] : []),
    ...(voids ? ['a column of type void in a CTE'] : []),
    ...(isVolatile ? ['a volatile function in UPDATE or DELETE'] : []),
    ...(callsOne(choices, ['now']) ? ['the time in CASE or COALESCE of an UPDATE'] : []),
    ...(unplaced.length > 0 ? ['an INSERT without the distribution column'] : []),
    ...(constants.length > 0 ? ['a parameter for the distribution column beside a CTE that has it'] : []),
    ...(everywhere.length > 0 ? ['a WHERE without the distribution column'] : []),
  ];
}

/** The tables that a statement names, without its common table expressions. */
function storedTables(text: string): string[] {
  const tree = parseSync(text) as unknown;
  const expressions = nodes('CommonTableExpr', tree).map(({ ctename }) => ctename);
  const tables = [...nodes('RangeVar', tree), ...nodes('relation', tree)].map(({ relname }) => String(relname));
  return tables.filter((name) => !expressions.includes(name));
}

/** The tables that a FROM names itself, not in a subselect. */
function tablesOfLevel(tree: unknown): string[] {
  if (!isNode(tree)) return [];
  return Object.entries(tree).flatMap(([member, value]) => {
    if (member === 'RangeVar') return [String((value as Node).relname)];
    return member === 'RangeSubselect' || member === 'quals' ? [] : tablesOfLevel(value);
  });
}

/** Statements on the keypairs of all users, which visit every shard. */
const ON_EVERY_SHARD = [
  'keypair-page-of-type',
  'keypair-record-page-of-all',
  'keypair-count-ending',
  'keypair-warn',
  'keypair-record-with-digest',
  'keypair-without-digest',
];

const STATEMENTS = [
  KEYPAIRS,
  RECORDS,
  REVOKED_TOKENS,
  CREDENTIALS,
  CODES,
  IDENTITY,
  QUOTAS,
  GUESTS,
  CERTIFICATES,
  EVENTS,
  QUEUE,
  WEBHOOKS,
  DELIVERIES,
].flatMap((each) => Object.values(each));

/** Calls such as `create_distributed_table('key_pairs', 'user_id')` in the document, by the table. */
function calls(name: string): Record<string, string | undefined> {
  const text = readFileSync('docs/scaling.md', 'utf8');
  const found = text.matchAll(new RegExp(`${name}\\('(\\w+)'(?:, '(\\w+)')?`, 'g'));
  return Object.fromEntries([...found].map(([, table, column]) => [table, column]));
}

describe('docs/scaling.md', () => {
  it('places every table of the statements', () => {
    expect(calls('create_distributed_table')).toEqual(DISTRIBUTED);
    const tables = new Set(STATEMENTS.flatMap(({ text }) => storedTables(text)));
    expect([...Object.keys(DISTRIBUTED), ...Object.keys(calls('create_reference_table'))].toSorted()).toEqual(
      [...tables].toSorted(),
    );
  });
});

describe('docs/other-databases.md', () => {
  it('has every statement once', () => {
    const rows = readFileSync('docs/other-databases.md', 'utf8').match(/^\| `[a-z]+-[^|]+/gm) ?? [];
    const named = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
    expect(named.toSorted()).toEqual(STATEMENTS.map(({ name }) => name).toSorted());
  });
});

describe('on tables placed as docs/scaling.md shows', () => {
  it.each(STATEMENTS.map(({ name, text }) => [name, text]))('%s runs on one shard', (name, text) => {
    const expected = ON_EVERY_SHARD.includes(name) ? ['a WHERE without the distribution column'] : [];
    expect(problemsOf(text).filter((problem) => !expected.includes(problem))).toEqual([]);
  });

  // As the statements were when they failed on Citus 13.2.
  it.each([
    [
      'a function in RETURNING',
      `INSERT INTO revoked_tokens (audit_id) VALUES ($1) RETURNING pg_notify('latchkey', 'token ' || audit_id)`,
    ],
    [
      'a column of type void in a CTE',
      `WITH g AS (UPDATE guests SET name = $2 WHERE id = $1 RETURNING id), others AS (
         SELECT pg_notify('latchkey', 'guest ' || id) FROM g
       ) SELECT id FROM g, others`,
    ],
    [
      'a subselect in ON CONFLICT',
      `WITH quota AS (SELECT 5 AS most) INSERT INTO keypair_usage AS usage (user_id, used) SELECT $1, 1 FROM quota
       ON CONFLICT (user_id) DO UPDATE SET used = usage.used + 1 WHERE usage.used < (SELECT most FROM quota)`,
    ],
    [
      'OFFSET in a lateral subselect',
      `SELECT place, found.* FROM unnest($1::varchar[], $2::varchar[]) WITH ORDINALITY AS wanted (owner, called, place),
       LATERAL (SELECT name FROM key_pairs WHERE user_id = owner AND name = called OFFSET 0) AS found`,
    ],
    [
      'a parameter for the distribution column beside a CTE that has it',
      `WITH slot AS (INSERT INTO keypair_usage (user_id, used) VALUES ($1, 1) RETURNING used)
       INSERT INTO key_pairs (user_id, name) SELECT $1, $2 FROM slot`,
    ],
    [
      'a volatile function in UPDATE or DELETE',
      `UPDATE event_consumers SET held_until = timezone('utc', clock_timestamp()) WHERE name = $1`,
    ],
    [
      'the time in CASE or COALESCE of an UPDATE',
      `UPDATE webhooks SET failing_since = coalesce(failing_since, timezone('utc', now())) WHERE id = $1`,
    ],
    ['an INSERT without the distribution column', `INSERT INTO key_pairs (name) VALUES ($1)`],
    ['a WHERE without the distribution column', `DELETE FROM key_pairs WHERE name = $1`],
    ['a WHERE without the distribution column', `SELECT FROM key_pairs WHERE name = $1`],
  ])('%s is found', (problem, text) => {
    expect(problemsOf(text)).toContain(problem);
  });
});

describe('a text longer than its column, which Citus refuses as "value too long",', () => {
  const unused = refusingDatabase(new Error('No statement is to run.'));
  const keypairs = new KeypairRepository(unused);
  const long = 'u'.repeat(256);

  it('belongs to no keypair, without a statement', async () => {
    expect(await keypairs.find(long, 'laptop')).toBeUndefined();
    expect(await keypairs.exists('alice', long)).toBe(false);
    expect(
      await keypairs.remove(long, 'laptop', { userId: long, projectId: undefined, requestId: 'req-1' }),
    ).toBeUndefined();
    expect((await keypairs.list({ userId: long, typeIn: 'type' })).count).toBe(0);
  });

  it('is counted in characters, even those of two UTF-16 units', async () => {
    await expect(keypairs.exists('alice', '𝒌'.repeat(255))).rejects.toThrow('No statement is to run.');
    expect(await keypairs.exists('alice', '𝒌'.repeat(256))).toBe(false);
  });
});
