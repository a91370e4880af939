import { appendFileSync } from 'node:fs';

/**
 * A file of audit lines in JSON. It is opened for each write, so that log rotation may move it away, and lines are appended in one
 * write, so that the service and the command line may share it.
 */
export class AuditFile {
  constructor(readonly path: string) {}

  /** Creates it if necessary, readable by its owner only. Throws the error of the file system if it cannot be written. */
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
