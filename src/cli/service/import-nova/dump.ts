import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { type DumpRecord, recordsOf } from './dump-records.js';
import { type Fields, MalformedRow, type NovaRow, readRow } from './nova-row.js';
import type { Batch, Source, Unreadable } from './source.js';

const BATCH = 500;
/** What Nova's older tables say in `deleted` of a row that still counts. */
const NOT_DELETED: readonly unknown[] = [undefined, '', '0', 'f', 'false'];

/** The key_pairs table of a Nova, written to a file. Progress is in bytes. */
export class Dump implements Source {
  private read = 0;

  private constructor(
    private readonly bytes: AsyncIterable<Buffer>,
    readonly total: number | undefined,
  ) {}

  /** `-` is standard input. Throws CliError. */
  static async open(file: string): Promise<Dump> {
    if (file === '-') return new Dump(process.stdin, undefined);
    let handle: FileHandle;
    try {
      handle = await open(file);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new CliError(`The file ${file} cannot be read (${code}).`, EXIT.usage, { cause });
    }
    const { size } = await handle.stat();
    return new Dump(createReadStream(file, { fd: handle }), size);
  }

  async *batches(): AsyncGenerator<Batch> {
    let rows: NovaRow[] = [];
    let unreadable: Unreadable[] = [];
    for await (const record of recordsOf(this.text())) {
      const fields = Object.fromEntries(record.columns.map((column, at) => [column, record.values[at]]));
      if (!NOT_DELETED.includes(fields.deleted)) continue;
      try {
        rows.push(rowOf(record, fields));
      } catch (error) {
        if (!(error instanceof MalformedRow)) throw error;
        // With too few or too many values there is no telling which of them is the name.
        const { user_id: userId, name } = record.values.length === record.columns.length ? fields : {};
        unreadable.push({ userId, name, reason: `line ${record.line}: ${error.message}` });
      }
      if (rows.length + unreadable.length < BATCH) continue;
      yield { rows, unreadable, done: this.read };
      [rows, unreadable] = [[], []];
    }
    yield { rows, unreadable, done: this.read };
  }

  /** A dump has all there is. */
  async complete(rows: readonly NovaRow[]): Promise<readonly NovaRow[]> {
    return rows;
  }

  private async *text(): AsyncGenerator<string> {
    // A key with a character put in place of another would be another key.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    try {
      for await (const chunk of this.bytes) {
        this.read += chunk.length;
        yield decoder.decode(chunk, { stream: true });
      }
      yield decoder.decode();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
        throw new CliError('The dump is not written in UTF-8; take it with that encoding.', EXIT.usage, { cause });
      }
      if (code === undefined) throw cause;
      throw new CliError(`The dump cannot be read (${code}).`, EXIT.usage, { cause });
    }
  }
}

function rowOf({ columns, values, problem }: DumpRecord, fields: Fields): NovaRow {
  if (problem !== undefined) throw new MalformedRow(problem);
  if (values.length !== columns.length) {
    throw new MalformedRow(`it has ${values.length} values, and the table has ${columns.length} columns`);
  }
  return readRow(fields);
}
