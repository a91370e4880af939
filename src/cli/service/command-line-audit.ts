import { mkdirSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { AuditFile } from '../../audit/audit-file.js';
import { type Actor, auditLine, type Change } from '../../audit/audit-line.js';
import type { Config } from '../../config/config.js';
import { CliError, EXIT } from '../cli-error.js';
import { printMessage } from '../output/print.js';

/**
 * Audits changes of the command line that bypass the service: to AUDIT_FILE, or else audit.log in DATA_DIR. Called before a
 * change: throws CliError if the file cannot be written, so that nothing is changed without an audit line.
 */
export function commandLineAudit({ auditFile, dataDir }: Config): (changes: readonly Change[]) => void {
  const actor: Actor = { account: account(), from: hostname() };
  const lines = (changes: readonly Change[]) => changes.map((change) => ({ audit: auditLine(change, actor) }));
  if (auditFile === undefined && dataDir === 'memory://') {
    return (changes) => lines(changes).forEach((line) => printMessage(JSON.stringify(line)));
  }
  const file = new AuditFile(auditFile ?? join(dataDir, 'audit.log'));
  try {
    // As the embedded database would a moment later.
    if (auditFile === undefined) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    file.prepare();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(
      `The audit file ${file.path} cannot be written (${code}); nothing was changed. AUDIT_FILE names another one.`,
      EXIT.config,
      { cause },
    );
  }
  return (changes) => file.write(lines(changes));
}

/** The account of the operating system. */
function account(): string {
  const { SUDO_USER: behind } = process.env;
  const own = accountOf();
  return behind && behind !== own ? `${own} (${behind})` : own;
}

function accountOf(): string {
  try {
    return userInfo().username;
  } catch {
    // In containers a user may have no name.
    return `uid ${process.getuid?.() ?? ''}`;
  }
}
