import { signerBlob } from '../../crypto/ssh/ssh-signer.js';
import { authorityFile, InvalidAuthorityFile, rotateAuthorityFile } from '../../ssh-ca/authority-file.js';
import { authorityFingerprint } from '../../ssh-ca/ssh-authority.js';
import { CliError, EXIT, UsageError } from '../cli-error.js';
import type { GlobalOptions } from '../global-options.js';
import { printMessage } from '../output/print.js';
import { commandLineAudit } from './command-line-audit.js';
import { serviceConfig } from './service-config.js';

/** Takes the next step of a rotation of the certificate authority's key; a running service reads the file again. */
export async function rotateAuthority(options: GlobalOptions): Promise<void> {
  const config = serviceConfig();
  if (config.sshCaAgent !== undefined)
    throw new UsageError(
      'The key is in the agent of SSH_CA_AGENT: add the next one there with ssh-add, and later take the first one out.',
    );
  const path = authorityFile(config);
  const audit = commandLineAudit(config);
  const { active, next } = rotated(() => rotateAuthorityFile(path, config.sshCaType));
  const fingerprint = authorityFingerprint(signerBlob(next ?? active));
  audit([{ action: next ? 'ssh-ca.add-key' : 'ssh-ca.rotate', owner: undefined, name: fingerprint }]);
  if (options.quiet) return;
  if (next) {
    printMessage(`Added the key ${fingerprint}. Guests begin to trust it; run this again when they do, and it signs.`);
    return;
  }
  printMessage(
    `The key ${fingerprint} signs now. The one before it is trusted until the next rotation, and signs no more.`,
  );
}

function rotated<T>(rotate: () => T): T {
  try {
    return rotate();
  } catch (cause) {
    if (cause instanceof InvalidAuthorityFile) throw new CliError(`The file ${cause.message}.`, EXIT.config, { cause });
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new CliError(
      `The file of the key cannot be read or written (${code}). Start the service with SSH_CA=on first.`,
      EXIT.config,
      { cause },
    );
  }
}
