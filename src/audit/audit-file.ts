import { appendFileSync } from 'node:fs';

/**
 * A file of audit lines, in JSON. It is opened for each writing, so that it may be moved away by whoever rotates it, and written at
 * its end in one piece, so that the service and the command line may share it.
 */
export class AuditFile {
  constructor(readonly path: string) {}

  /** Makes it where there is none, readable by its owner only. Throws the error of the file system where nothing can be written. */
  prepare(): void {
    this.write([]);
  }

  /** Throws the error of the file system. */
  write(lines: readonly object[]): void {
    const time = new Date().toISOString();
    const text = lines.map((line) => `${JSON.stringify({ time, ...line })}\n`).join('');
    appendFileSync(this.path, text, { mode: 0o600 });
  }
}
