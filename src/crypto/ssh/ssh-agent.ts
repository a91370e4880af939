import { once } from 'node:events';
import { connect } from 'node:net';
import { SshWire } from './ssh-wire.js';
import { string, uint32 } from './ssh-wire-writer.js';

/** Messages of an SSH agent (draft-ietf-sshm-ssh-agent, 6.1). */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;

/** A key that an agent holds. */
export interface AgentKey {
  readonly blob: Buffer;
  readonly comment: string;
}

/** The keys of the agent at a socket. Throws Error or InvalidKey. */
export async function listAgentKeys(path: string): Promise<AgentKey[]> {
  const answer = await exchange(path, Buffer.from([REQUEST_IDENTITIES]));
  if (answer.length < 5 || answer[0] !== IDENTITIES_ANSWER) throw new Error('its answer is not a list of keys');
  const wire = new SshWire(answer.subarray(5));
  const keys: AgentKey[] = [];
  while (!wire.done) {
    const blob = wire.string('a key of the agent');
    keys.push({ blob, comment: wire.string('a comment of the agent').toString() });
  }
  return keys;
}

/** The signature of the agent's key over the data. Throws Error or InvalidKey. */
export async function signWithAgent(path: string, blob: Buffer, data: Buffer): Promise<Buffer> {
  const request = Buffer.concat([Buffer.from([SIGN_REQUEST]), string(blob), string(data), uint32(0)]);
  const answer = await exchange(path, request);
  if (answer[0] !== SIGN_RESPONSE) throw new Error('it does not sign with that key');
  return new SshWire(answer.subarray(1)).string('the signature of the agent');
}

/** The answer of the agent without its length. */
async function exchange(path: string, request: Buffer): Promise<Buffer> {
  const socket = connect(path);
  try {
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    await once(socket, 'connect');
    socket.write(string(request));
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
