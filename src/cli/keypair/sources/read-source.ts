import { basename } from 'node:path';
import { HttpClient, NoAnswer } from '../../../http/client/http-client.js';
import { CliError, UsageError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import { readInput } from '../../files/read-input.js';
import { fingerprintOf } from '../../keys/fingerprints.js';
import { readAgentKeys } from './agent.js';
import { keysInLdif } from './ldif.js';

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
