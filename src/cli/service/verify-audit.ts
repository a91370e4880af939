import { type FileLine, verifyChain } from '../../audit/audit-chain.js';
import { readFileLines } from '../../audit/file-lines.js';
import { CliError, EXIT } from '../cli-error.js';
import { print, printMessage } from '../output/print.js';

interface VerifyOptions {
  /** The hash of the line before the first one. */
  readonly after?: string;
  /** The hash of a line that must be there. */
  readonly includes?: string;
}

/** Verifies files of audit lines, oldest first. Throws CliError with the first line that is not as it was written. */
export async function verifyAudit(files: readonly string[], options: VerifyOptions): Promise<void> {
  const result = await verifyChain(linesOf(files), options);
  if ('reason' in result) throw new CliError(`${result.file}: line ${result.line} ${result.reason}.`);
  const { linked, chains, unprotected, beside, last } = result;
  if (unprotected > 0) printMessage(`The first ${unprotected} lines have no hashes: an older version wrote them.`);
  for (const { file, line } of beside)
    printMessage(`${file}: line ${line} was written at the same moment as the next, by another process, or inserted.`);
  await print(`${linked} lines of ${chains} processes are as they were written.\n`);
  if (last !== undefined) await print(`Keep this elsewhere for the next time: --includes ${last}\n`);
}

async function* linesOf(files: readonly string[]): AsyncGenerator<FileLine> {
  for (const file of files) {
    try {
      yield* readFileLines(file);
    } catch (cause) {
      throw new CliError(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, EXIT.failed, { cause });
    }
  }
}
