import { writeSync } from 'node:fs';
import { describeError } from '../http/faults/describe-error.js';

/** The level of pino's lines of this kind. */
const FATAL = 60;

/**
 * Has the process end, as Node does, on an error that nobody caught, but with a line of the log in place of all that the error
 * holds: messages and details of database errors quote what was sent.
 */
export function endOnUncaughtErrors(): void {
  process.on('uncaughtException', (thrown, origin) => {
    const line = { level: FATAL, time: Date.now(), pid: process.pid, error: describeError(thrown), msg: origin };
    // At once: what is written later may not be written any more.
    writeSync(process.stderr.fd, `${JSON.stringify(line)}\n`);
    process.exit(1);
  });
}
