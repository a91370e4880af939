import { pipeline, Readable } from 'node:stream';
import { type CsvError, type InfoRecord, parse } from 'csv-parse';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { linesOf, valuesInCopyLine } from './copy-text.js';

/** A record of a dump: its values under the columns, or what keeps it from being read. */
export interface DumpRecord {
  /** Number of its line; of one over several lines the last. */
  readonly line: number;
  readonly columns: readonly string[];
  readonly values: readonly (string | undefined)[];
  readonly problem?: string;
}

/** The columns of `nova_api.key_pairs` in their order, for dumps that do not name them. */
const NOVA_COLUMNS = ['created_at', 'updated_at', 'id', 'user_id', 'name', 'fingerprint', 'public_key', 'type'];

/**
 * The records of a dump: CSV, the text of COPY or `mysql --batch`, or a script of pg_dump. The first line tells which.
 * Throws CliError for a script without the table.
 */
export async function* recordsOf(text: AsyncIterable<string>): AsyncGenerator<DumpRecord> {
  const pieces = text[Symbol.asyncIterator]();
  let start = '';
  for (let next; !start.includes('\n') && !(next = await pieces.next()).done;) start += next.value;
  const whole = afterStart(start, pieces);
  const [first] = start.split('\n', 1);
  if (/^(--|\\restrict|SET |COPY )/.test(first)) yield* recordsOfScript(whole);
  else if (first.includes('\t')) yield* withHeader(recordsOfCopy(whole));
  else yield* withHeader(recordsOfCsv(whole));
}

async function* afterStart(start: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield start;
  for (let next; !(next = await rest.next()).done;) yield next.value;
}

/** A first record may name the columns. */
async function* withHeader(records: AsyncIterable<DumpRecord>): AsyncGenerator<DumpRecord> {
  let columns: readonly string[] | undefined;
  for await (const record of records) {
    if (record.problem !== undefined) yield record;
    else if (columns === undefined && ['user_id', 'public_key'].every((column) => record.values.includes(column))) {
      columns = record.values.map((value) => value ?? '');
    } else {
      columns ??= NOVA_COLUMNS;
      yield { ...record, columns };
    }
  }
}

async function* recordsOfCopy(text: AsyncIterable<string>): AsyncGenerator<DumpRecord> {
  let line = 0;
  for await (const each of linesOf(text)) {
    line += 1;
    if (each === '\\.') return;
    if (each !== '') yield { line, columns: NOVA_COLUMNS, values: valuesInCopyLine(each) };
  }
}

const COPY = /^COPY (?:[\w"]+\.)?"?key_pairs"? \(([^)]*)\) FROM stdin;$/;

async function* recordsOfScript(text: AsyncIterable<string>): AsyncGenerator<DumpRecord> {
  let line = 0;
  let wasThere = false;
  let columns: string[] | undefined;
  for await (const each of linesOf(text)) {
    line += 1;
    if (columns === undefined) {
      columns = COPY.exec(each)?.[1]
        .split(',')
        .map((column) => column.trim().replaceAll('"', ''));
      wasThere ||= columns !== undefined;
    } else if (each === '\\.') columns = undefined;
    else yield { line, columns, values: valuesInCopyLine(each) };
  }
  if (wasThere) return;
  throw new CliError(
    'There is no "COPY key_pairs" in the dump. From MySQL take: mysql --batch nova_api -e "SELECT * FROM key_pairs".',
    EXIT.usage,
  );
}

async function* recordsOfCsv(text: AsyncIterable<string>): AsyncGenerator<DumpRecord> {
  const broken: DumpRecord[] = [];
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => void broken.push(brokenRecord(error)),
  });
  // The parser passes on what goes wrong before it.
  pipeline(Readable.from(text), parser, () => undefined);
  for await (const each of parser) {
    yield* broken.splice(0);
    const { record, info } = each as { record: string[]; info: InfoRecord };
    yield { line: info.lines, columns: NOVA_COLUMNS, values: record };
  }
  yield* broken;
}

const BROKEN = 'its quotes do not match, and lines after it may have been taken for a part of it';

/** The parser's own words would quote the record. */
function brokenRecord(error: CsvError | undefined): DumpRecord {
  return { line: Number(error?.lines ?? 0), columns: [], values: [], problem: BROKEN };
}
