import { once } from 'node:events';
import { connect } from 'node:net';
import { InvalidKey } from '../../../crypto/invalid-key.js';
import { SshWire } from '../../../crypto/ssh/ssh-wire.js';
import { CliError, UsageError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';

/** SSH_AGENTC_REQUEST_IDENTITIES and its answer (draft-ietf-sshm-ssh-agent, 3.5). */
const REQUEST = Buffer.from([0, 0, 0, 1, 11]);
const IDENTITIES_ANSWER = 12;
const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
const WINDOWS_PIPE = String.raw`\\.\pipe\openssh-ssh-agent`;

/** The public keys that the SSH agent of SSH_AUTH_SOCK holds, as lines with their comments. Throws CliError. */
export async function readAgentKeys(): Promise<string[]> {
  const path = process.env.SSH_AUTH_SOCK || (process.platform === 'win32' ? WINDOWS_PIPE : undefined);
  if (path === undefined)
    throw new UsageError('SSH_AUTH_SOCK names no SSH agent; start one, and add keys with ssh-add.');
  try {
    return linesOf(await exchange(path));
  } catch (cause) {
    const reason = cause instanceof InvalidKey ? cause.reason : (cause as Error).message;
    throw new CliError(`The SSH agent at ${path} gives no keys: ${reason}.`, EXIT.unreachable, { cause });
  }
}

/** The answer of the agent without its length. */
async function exchange(path: string): Promise<Buffer> {
  const socket = connect(path);
  try {
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    await once(socket, 'connect');
    socket.write(REQUEST);
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 4 ? MAX_BYTES : received.readUInt32BE();
      if (received.length > MAX_BYTES || length > MAX_BYTES) throw new Error('its answer is too long');
      if (received.length >= 4 + length) return received.subarray(4, 4 + length);
    }
    throw new Error('it closed the connection');
  } finally {
    socket.destroy();
  }
}

function linesOf(answer: Buffer): string[] {
  if (answer.length < 5 || answer[0] !== IDENTITIES_ANSWER) throw new Error('its answer is not a list of keys');
  const wire = new SshWire(answer.subarray(5));
  const lines: string[] = [];
  while (!wire.done) {
    const blob = wire.string('a key of the agent');
    const comment = wire.string('a comment of the agent').toString();
    const type = new SshWire(blob).name('the type of a key of the agent');
    lines.push(`${type} ${blob.toString('base64')} ${comment.replaceAll(/[\u0000-\u001f\u007f]/g, ' ')}`.trim());
  }
  return lines;
}
