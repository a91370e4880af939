import { describe, expect, it } from '@jest/globals';
import { loadModule, parseSync } from 'libpg-query';
import { STATEMENTS as KEYPAIRS } from '../../src/persistence/keypair.repository.js';
import { STATEMENTS as REVOKED_TOKENS } from '../../src/persistence/revoked-token.repository.js';

await loadModule();

/** The tables that docs/scaling.md distributes, and the column that each row's place follows from. */
const DISTRIBUTED: Readonly<Record<string, string>> = { key_pairs: 'user_id', keypair_usage: 'user_id' };

/** A node of PostgreSQL's parse tree. */
type Node = { readonly [member: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

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

const tablesIn = (tree: unknown): string[] => nodes('RangeVar', tree).map(({ relname }) => String(relname));

/** What Citus 12 refuses of a statement on distributed tables, or would send to every shard. */
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
  const unplaced = inserts.filter(({ relation, cols }) => {
    const column = DISTRIBUTED[String((relation as Node).relname)];
    return column !== undefined && !nodes('ResTarget', cols).some(({ name }) => name === column);
  });
  // A constant in place of the column of the table that it was selected from hides on which shard the row goes.
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
    ...(unplaced.length > 0 ? ['an INSERT without the distribution column'] : []),
    ...(constants.length > 0 ? ['a parameter for the distribution column beside a CTE that has it'] : []),
    ...(everywhere.length > 0 ? ['a WHERE without the distribution column'] : []),
  ];
}

/** The tables that a FROM names itself, not in a subselect. */
function tablesOfLevel(tree: unknown): string[] {
  if (!isNode(tree)) return [];
  return Object.entries(tree).flatMap(([member, value]) => {
    if (member === 'RangeVar') return [String((value as Node).relname)];
    return member === 'RangeSubselect' || member === 'quals' ? [] : tablesOfLevel(value);
  });
}

/** The walk through the certificates of all users is the one statement that is meant for every shard. */
const ON_EVERY_SHARD = ['keypair-page-of-type'];

const STATEMENTS = [...Object.values(KEYPAIRS), ...Object.values(REVOKED_TOKENS)];

describe('on tables distributed by user, as docs/scaling.md shows', () => {
  it.each(STATEMENTS.map(({ name, text }) => [name, text]))('%s runs on one shard', (name, text) => {
    const expected = ON_EVERY_SHARD.includes(name) ? ['a WHERE without the distribution column'] : [];
    expect(problemsOf(text).filter((problem) => !expected.includes(problem))).toEqual([]);
  });

  // As the statements were when they failed on Citus.
  it.each([
    [
      'a function in RETURNING',
      `INSERT INTO revoked_tokens (audit_id) VALUES ($1) RETURNING pg_notify('latchkey', 'token ' || audit_id)`,
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
    ['an INSERT without the distribution column', `INSERT INTO key_pairs (name) VALUES ($1)`],
    ['a WHERE without the distribution column', `DELETE FROM key_pairs WHERE name = $1`],
    ['a WHERE without the distribution column', `SELECT FROM key_pairs WHERE name = $1`],
  ])('%s is found', (problem, text) => {
    expect(problemsOf(text)).toContain(problem);
  });
});
