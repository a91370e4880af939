import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../../cli-error.js';
import { decompress } from './decompress.js';
import type { DumpRow } from './delimited-rows.js';
import { rowsOf } from './dump-rows.js';
import { DumpText } from './dump-text.js';
import { isDeleted, MalformedRow, type NovaRow, readRow } from './nova-row.js';
import type { Batch, Source, Unreadable } from './source.js';

const MAX_BATCH = 500;
/** Nova's database of keypairs since its release 14. */
const NOVA_DATABASE = 'nova_api';
const COLUMNS = 'created_at,updated_at,id,name,user_id,fingerprint,public_key,type'.split(',');
const OLD_COLUMNS = 'created_at,updated_at,deleted_at,id,name,user_id,fingerprint,public_key,deleted,type'.split(',');

/** The key_pairs table of a Nova, written to a file. Progress is in bytes. */
export class Dump implements Source {
  private bytesRead = 0;
  private readonly otherRows = new Map<string, number>();
  deleted = 0;

  private constructor(
    private readonly bytes: AsyncIterable<Uint8Array>,
    readonly total: number | undefined,
    private readonly database: string | undefined,
  ) {}

  /** Opens a file, or standard input for `-`. Throws CliError. */
  static async open(file: string, database?: string): Promise<Dump> {
    if (file === '-') return new Dump(process.stdin, undefined, database);
    let handle: FileHandle;
    try {
      handle = await open(file);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new UsageError(`The file ${file} cannot be read (${code}).`, { cause });
    }
    const { size } = await handle.stat();
    return new Dump(createReadStream(file, { fd: handle }), size, database);
  }

  get notes(): readonly string[] {
    return [...this.otherRows].map(
      ([name, count]) => `Not read: ${count} rows of the database ${name}; to import those use --database ${name}.`,
    );
  }

  async *batches(): AsyncGenerator<Batch> {
    let rows: NovaRow[] = [];
    let unreadable: Unreadable[] = [];
    let hasRows = false;
    for await (const row of rowsOf(new DumpText(this.text()))) {
      if (!this.isOfDatabase(row)) continue;
      hasRows = true;
      const fields: Record<string, string | undefined> = {};
      try {
        readFields(row, fields);
        if (isDeleted(fields)) this.deleted += 1;
        else rows.push(readRow(fields));
      } catch (error) {
        if (!(error instanceof MalformedRow)) throw error;
        const { user_id: userId, name } = fields;
        unreadable.push({ userId, name, reason: `line ${row.line}: ${error.message}` });
      }
      if (rows.length + unreadable.length < MAX_BATCH) continue;
      yield { rows, unreadable, done: this.bytesRead };
      [rows, unreadable] = [[], []];
    }
    yield { rows, unreadable, done: this.bytesRead };
    if (!hasRows && this.otherRows.size > 0) {
      const names = [...this.otherRows.keys()].join(', ');
      throw new UsageError(`The keypairs of the dump are in ${names}; choose a database with --database.`);
    }
  }

  /** A dump has everything already. */
  async complete<T>(rows: readonly T[]): Promise<readonly T[]> {
    return rows;
  }

  /** Dumps of whole servers have the cells' tables too, which Nova does not read any more. */
  private isOfDatabase({ database }: DumpRow): boolean {
    if (database === undefined || database === (this.database ?? NOVA_DATABASE)) return true;
    this.otherRows.set(database, (this.otherRows.get(database) ?? 0) + 1);
    return false;
  }

  private async *count(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.bytes) {
      this.bytesRead += chunk.length;
      yield chunk;
    }
  }

  private async *text(): AsyncGenerator<string> {
    try {
      for await (const chunk of decompress(this.count())) yield Buffer.from(chunk).toString('latin1');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason = typeof code === 'string' ? code : message;
      throw new UsageError(`The dump is damaged or cannot be read (${reason}).`, { cause });
    }
  }
}

// A replaced character would make another key.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Puts the values under their columns. Throws {@link MalformedRow}. */
function readFields({ values, columns, problem }: DumpRow, fields: Record<string, string | undefined>): void {
  if (problem !== undefined) throw new MalformedRow(problem);
  const names = columns ?? (values.length === OLD_COLUMNS.length ? OLD_COLUMNS : COLUMNS);
  if (values.length !== names.length) {
    throw new MalformedRow(`it has ${values.length} values, and the table has ${names.length} columns`);
  }
  for (const [at, name] of names.entries()) {
    const value = values[at];
    try {
      fields[name] = value && /[^\0-\x7F]/.test(value) ? decoder.decode(Buffer.from(value, 'latin1')) : value;
    } catch (cause) {
      const advice = 'take the dump with --default-character-set=utf8mb4';
      throw new MalformedRow(`its ${name} is not written in UTF-8; ${advice}`, { cause });
    }
  }
}
