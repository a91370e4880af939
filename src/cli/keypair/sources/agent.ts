import { InvalidKey } from '../../../crypto/invalid-key.js';
import { listAgentKeys } from '../../../crypto/ssh/ssh-agent.js';
import { typeOfBlob } from '../../../crypto/ssh/ssh-signer.js';
import { CliError, UsageError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';

const WINDOWS_PIPE = String.raw`\\.\pipe\openssh-ssh-agent`;

/** The public keys that the SSH agent of SSH_AUTH_SOCK holds, as lines with their comments. Throws CliError. */
export async function readAgentKeys(): Promise<string[]> {
  const path = process.env.SSH_AUTH_SOCK || (process.platform === 'win32' ? WINDOWS_PIPE : undefined);
  if (path === undefined)
    throw new UsageError('SSH_AUTH_SOCK names no SSH agent; start one, and add keys with ssh-add.');
  try {
    const keys = await listAgentKeys(path);
    return keys.map(({ blob, comment }) =>
      `${typeOfBlob(blob)} ${blob.toString('base64')} ${comment.replaceAll(/[\u0000-\u001f\u007f]/g, ' ')}`.trim(),
    );
  } catch (cause) {
    const reason = cause instanceof InvalidKey ? cause.reason : (cause as Error).message;
    throw new CliError(`The SSH agent at ${path} gives no keys: ${reason}.`, EXIT.unreachable, { cause });
  }
}
