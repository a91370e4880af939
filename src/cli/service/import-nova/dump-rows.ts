import { UsageError } from '../../cli-error.js';
import { type Delimiters, delimitedRows, type DumpRow, TAB_SEPARATED, unescapeValue } from './delimited-rows.js';
import type { DumpText } from './dump-text.js';
import { SqlRows } from './sql-rows.js';

const SQL = /^(--|#|\/\*|\\|(SET|COPY|INSERT|REPLACE|CREATE|DROP|USE|LOCK|BEGIN|START)\b)/i;

/** The help on files without a readable table of keypairs. */
const OTHER_FORMATS: readonly (readonly [RegExp, string])[] = [
  [
    /^(\[|\{|(?=.*\bname\b)(?=.*\bfingerprint\b)(?!.*(user_id|public_key|ssh-))|- Fingerprint:)/i,
    'This looks like the output of "openstack keypair list", which has no public keys; run "latchkey --os-cloud NAME import-nova" to read the same Nova directly.',
  ],
  [
    /^(\+-|\||<|\*{5})/,
    'This is a table for readers; take the dump with: mysqldump nova_api key_pairs > key_pairs.sql',
  ],
  [/^PGDMP/, 'This is an archive of pg_dump; convert it with: pg_restore -f key_pairs.sql FILE'],
  [/^BZh/, 'The dump is compressed by bzip2; run: bunzip2 -c FILE | latchkey import-nova --dump -'],
  [/^PK\x03\x04/, 'The dump is a zip archive; run: unzip -p FILE | latchkey import-nova --dump -'],
  [
    /^(\xFF\xFE|\xFE\xFF)/,
    'The dump is UTF-16, as PowerShell writes it; take it with: mysqldump --result-file=key_pairs.sql nova_api key_pairs',
  ],
];

/** The rows of `key_pairs` in a dump of any form; the form follows from its first line. Throws UsageError if the dump has no such table. */
export async function* rowsOf(text: DumpText): AsyncGenerator<DumpRow> {
  await text.take(/\xEF\xBB\xBF/y);
  while (await text.take(/[\r\n]+/y));
  const [first] = (await text.peek()).split('\n', 1);
  if (SQL.test(first)) {
    const script = new SqlRows(text);
    yield* script.rows();
    if (script.hasTable) return;
    throw new UsageError(
      'The dump has no table key_pairs; take one with: mysqldump nova_api key_pairs > key_pairs.sql',
    );
  }
  const advice = OTHER_FORMATS.find(([pattern]) => pattern.test(first))?.[1];
  if (advice !== undefined) throw new UsageError(advice);
  const format = formatOf(first);
  const rows = delimitedRows(text, format);
  if (format === TAB_SEPARATED) yield* withHeader(joinedLines(rows));
  else yield* withHeader(format.hasEscapes ? unescapedRows(rows) : rows);
}

function formatOf(first: string): Delimiters {
  if (first.includes('\t')) return TAB_SEPARATED;
  const separator = first.includes(';') && !first.includes(',') ? ';' : ',';
  // INTO OUTFILE writes NULL so, and nothing else escapes by backslash in CSV.
  return { separator, hasQuotes: true, hasEscapes: first.split(separator).includes('\\N') };
}

const NEEDED = ['user_id', 'name', 'public_key'];

const isBlank = ({ values, problem }: DumpRow): boolean =>
  values.length === 1 && values[0]?.trim() === '' && problem === undefined;

/** A first row may name the columns. */
async function* withHeader(rows: AsyncIterable<DumpRow>): AsyncGenerator<DumpRow> {
  let columns: readonly string[] | undefined;
  let isFirst = true;
  for await (const row of rows) {
    if (isBlank(row)) continue;
    if (isFirst && NEEDED.some((column) => row.values.includes(column))) {
      columns = row.values.map((value) => value ?? '');
      const missing = NEEDED.filter((column) => !row.values.includes(column));
      if (missing.length > 0)
        throw new UsageError(`The dump has no column ${missing[0]}; select all columns of key_pairs.`);
    } else yield { ...row, columns };
    isFirst = false;
  }
}

/** `mysql --batch --raw` escapes nothing, so a key with a line feed goes on in the next line. */
async function* joinedLines(rows: AsyncIterable<DumpRow>): AsyncGenerator<DumpRow> {
  let columns = 0;
  let isRaw = false;
  let begun: DumpRow | undefined;
  for await (const row of rows) {
    if (begun === undefined && isBlank(row)) continue;
    columns ||= row.values.length;
    const joined: DumpRow = begun === undefined ? row : { ...begun, values: join(begun.values, row.values) };
    if (joined.values.length < columns) {
      begun = joined;
      continue;
    }
    if (begun !== undefined && joined.values.length > columns) {
      yield begun;
      yield unescape(row);
    } else {
      isRaw ||= begun !== undefined;
      yield isRaw ? joined : unescape(joined);
    }
    begun = undefined;
  }
  if (begun !== undefined) yield begun;
}

async function* unescapedRows(rows: AsyncIterable<DumpRow>): AsyncGenerator<DumpRow> {
  for await (const row of rows) yield unescape(row);
}

const unescape = (row: DumpRow): DumpRow => ({ ...row, values: row.values.map(unescapeValue) });

function join(before: DumpRow['values'], after: DumpRow['values']): DumpRow['values'] {
  return [...before.slice(0, -1), `${before.at(-1) ?? ''}\n${after[0] ?? ''}`, ...after.slice(1)];
}
