import { writeSync } from 'node:fs';
import { describeError } from '../http/faults/describe-error.js';

/** pino's level `fatal`. */
const FATAL = 60;

/**
 * Ends the process on an uncaught error, as Node does, but logs one line instead of the whole error: messages and details of
 * database errors quote what was sent.
 */
export function endOnUncaughtErrors(): void {
  process.on('uncaughtException', (thrown, origin) => {
    const line = { level: FATAL, time: Date.now(), pid: process.pid, error: describeError(thrown), msg: origin };
    // Synchronously, since the process ends before an asynchronous write.
    writeSync(process.stderr.fd, `${JSON.stringify(line)}\n`);
    process.exit(1);
  });
}
