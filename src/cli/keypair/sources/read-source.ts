import { basename } from 'node:path';
import { InvalidKey } from '../../../crypto/invalid-key.js';
import { listAgentKeys } from '../../../crypto/ssh/ssh-agent.js';
import { typeOfBlob } from '../../../crypto/ssh/ssh-signer.js';
import { HttpClient, NoAnswer } from '../../../http/client/http-client.js';
import { CliError, EXIT, UsageError } from '../../cli-error.js';
import { readInput } from '../../files/read-input.js';
import { fingerprintOf } from '../../keys/fingerprints.js';

/** Lines that a source gives, and the beginning of the names that their keypairs have. */
export interface SourceLines {
  readonly source: string;
  readonly label: string;
  readonly lines: readonly string[];
}

/** Sites that publish the keys of a user. */
const SITES: Readonly<Record<string, (user: string) => string>> = {
  gh: (user) => `https://github.com/${user}.keys`,
  gl: (user) => `https://gitlab.com/${user}.keys`,
  lp: (user) => `https://launchpad.net/~${user}/+sshkeys`,
};

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
const MAX_LINES = 50;

/** Reads the keys of a source, one a line, without blank lines and comments. Throws CliError. */
export async function readSource(source: string): Promise<SourceLines> {
  const { label, lines } = await readLines(source);
  const keys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length > MAX_LINES) throw new CliError(`${source} has more than ${MAX_LINES} keys; import them in parts.`);
  return { source, label, lines: keys };
}

async function readLines(source: string): Promise<{ label: string; lines: readonly string[] }> {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(source) ?? [];
  if (Object.hasOwn(SITES, scheme)) {
    if (!/^[A-Za-z0-9][\w.-]{0,99}$/.test(rest))
      throw new UsageError(`${source} must end in the name of a user, as in gh:alice.`);
    return { label: rest, lines: (await fetchText(source, new URL(SITES[scheme](rest)))).split('\n') };
  }
  if (scheme === 'https' && URL.canParse(source)) {
    const url = new URL(source);
    return { label: url.hostname, lines: (await fetchText(source, url)).split('\n') };
  }
  if (scheme === 'http')
    throw new UsageError(`${source} must begin with https://, so that no network on the way can add a key.`);
  if (scheme === 'agent') return { label: 'agent', lines: matching(await readAgentKeys(), rest) };
  const text = await readInput(source);
  const label = source === '-' ? 'stdin' : basename(source).replace(/\.[^.]*$/, '');
  return { label, lines: keysInLdif(text) ?? text.split('\n') };
}

/** The keys with a comment or a SHA-256 fingerprint; all of them without one. */
export function matching(lines: readonly string[], wish: string): string[] {
  return lines.filter(
    (line) => wish === '' || line.split(' ').slice(2).join(' ') === wish || fingerprintOf(line, 'sha256') === wish,
  );
}

/** No redirect is followed: it could lead to another host. */
async function fetchText(source: string, url: URL): Promise<string> {
  const client = new HttpClient({ maxBytes: MAX_BYTES, silenceMs: TIMEOUT_MS, userAgent: 'latchkey' });
  try {
    const request = { method: 'GET', url, headers: { Accept: 'text/plain' } } as const;
    const { status, bytes } = await client.send(request, AbortSignal.timeout(TIMEOUT_MS));
    if (status === 200) return bytes.toString();
    if (status === 404) throw new CliError(`${source} is not there: ${url.href} is answered with 404.`, EXIT.notFound);
    throw new CliError(`${url.href} is answered with ${status}, not with keys.`);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new CliError(`${url.href} cannot be read: ${error.message}.`, EXIT.unreachable, { cause: error });
  } finally {
    client.close();
  }
}

/** The values of `sshPublicKey` in a text of LDIF (RFC 2849), as ldapsearch prints it; undefined if the text is none. */
function keysInLdif(text: string): string[] | undefined {
  if (!/^dn::? /im.test(text)) return undefined;
  const lines = text.replaceAll(/\r?\n /g, '').split(/\r?\n/);
  return lines.flatMap((line) => {
    const [, encoded, value] = /^sshPublicKey(?:;[^:]*)?:(:?) *(.*)$/i.exec(line) ?? [];
    if (value === undefined) return [];
    return encoded === ':' ? Buffer.from(value, 'base64').toString().split(/\r?\n/) : [value];
  });
}

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
