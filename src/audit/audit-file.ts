import { closeSync, fstatSync, ftruncateSync, openSync, readSync, type Stats, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { hashLine, sealLine } from './audit-chain.js';

/** More than the longest line. */
const TAIL_BYTES = 65_536;
const NEWLINE = 0x0a;

/** The file as the last write left it. */
interface Written {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /** Of the last line. */
  readonly hash: string;
}

/**
 * A file of audit lines in JSON, each with the hash of the one before it (audit-chain.ts). It is opened for each write, so that log
 * rotation may move it away, and lines are appended in one write, so that the service and the command line may share it.
 */
export class AuditFile {
  /** Of this process. */
  private readonly chain = randomUUID();
  private seq = 0;
  private written: Written | undefined;

  constructor(readonly path: string) {}

  /** Creates it if necessary, readable by its owner only. Throws the error of the file system if it cannot be written. */
  prepare(): void {
    closeSync(openSync(this.path, 'a+', 0o600));
  }

  /** Throws the error of the file system. */
  write(lines: readonly object[]): void {
    if (lines.length === 0) return;
    const file = openSync(this.path, 'a+', 0o600);
    try {
      const stats = fstatSync(file);
      const { prev: before, isTorn } = this.end(file, stats);
      const time = new Date().toISOString();
      let [seq, prev] = [this.seq, before];
      // What a crash left of a line is ended, so that the next line begins at its beginning.
      let text = isTorn ? '\n' : '';
      for (const line of lines) {
        seq += 1;
        const sealed = sealLine({ time, ...line, chain: this.chain, seq, prev });
        prev = hashLine(sealed);
        text += `${sealed}\n`;
      }
      const bytes = Buffer.from(text);
      append(file, bytes, stats.size);
      this.seq = seq;
      this.written = { dev: stats.dev, ino: stats.ino, size: stats.size + bytes.length, hash: prev! };
    } finally {
      closeSync(file);
    }
  }

  /** The hash that the next line carries, and whether the last line lacks its end. */
  private end(file: number, { dev, ino, size }: Stats): { prev: string | null; isTorn: boolean } {
    const { written } = this;
    const isSame = written !== undefined && written.dev === dev && written.ino === ino;
    if (size === 0) return { prev: written?.hash ?? null, isTorn: false };
    if (isSame && written.size === size) return { prev: written.hash, isTorn: false };
    const tail = readTail(file, size);
    const isTorn = tail.at(-1) !== NEWLINE;
    // The file was replaced, or cut: the line that is missing is named.
    if (written && !(isSame && size > written.size)) return { prev: written.hash, isTorn };
    const line = isTorn ? tail : tail.subarray(0, -1);
    return { prev: hashLine(line.subarray(line.lastIndexOf(NEWLINE) + 1)), isTorn };
  }
}

/** Writes all bytes, or none if the disk is full. */
function append(file: number, bytes: Buffer, size: number): void {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(file, bytes, done);
  } catch (error) {
    if (done > 0 && fstatSync(file).size === size + done) ftruncateSync(file, size);
    throw error;
  }
}

function readTail(file: number, size: number): Buffer {
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  return tail.subarray(0, readSync(file, tail, 0, tail.length, size - tail.length));
}
