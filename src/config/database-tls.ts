import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { readableFile } from './settings.js';

/** How connections to PostgreSQL are encrypted; certificates and the key are paths of PEM files. */
export interface DatabaseTls {
  readonly mode: Mode;
  /** The trusted authorities; if undefined, those of Node. */
  readonly rootCert: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

type Mode = 'require' | 'verify-ca' | 'verify-full';

/** libpq's names, without `allow` and `prefer`, which fall back to no encryption. */
const MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * Removes the TLS parameters from the query of a DATABASE_URL and returns them; undefined if connections are not encrypted.
 * Throws an error whose message completes "DATABASE_URL ...".
 */
export function takeTls(query: URLSearchParams): DatabaseTls | undefined {
  const mode = MODES.find((each) => each === (query.get('sslmode') ?? impliedMode(query)));
  if (mode === undefined) {
    throw new Error(`must have one of ${MODES.join(', ')} as sslmode; others allow connections without encryption`);
  }
  const [rootCert, cert, key] = FILES.map((name) => fileIn(query, name));
  for (const name of ['sslmode', ...FILES]) query.delete(name);
  const unknown = [...query.keys()].find((name) => /^ssl/i.test(name));
  if (unknown !== undefined) {
    throw new Error(`must not have ${unknown}; of TLS it may have ${['sslmode', ...FILES].join(', ')}`);
  }
  if ((cert === undefined) !== (key === undefined)) throw new Error('must have sslcert and sslkey both or neither');
  if (mode === 'verify-ca' && rootCert === undefined) {
    throw new Error('must have sslrootcert with sslmode=verify-ca: public authorities sign certificates for any host');
  }
  return mode === 'disable' ? undefined : { mode, rootCert, cert, key };
}

/** A URL that names certificates verifies them, as in libpq. */
function impliedMode(query: URLSearchParams): string {
  return FILES.some((name) => query.has(name)) ? 'verify-full' : 'disable';
}

function fileIn(query: URLSearchParams, name: string): string | undefined {
  const path = query.get(name);
  if (path === null) return undefined;
  try {
    return readableFile(path);
  } catch (cause) {
    throw new Error(`has a ${name} that ${(cause as Error).message}`, { cause });
  }
}

/** Options for Node's TLS. Reads the files each time, since certificates are renewed while the service runs. */
export async function tlsOptions({ mode, rootCert, cert, key }: DatabaseTls): Promise<ConnectionOptions> {
  const ca = rootCert === undefined ? undefined : await readFile(rootCert);
  return {
    ...(ca && { ca }),
    ...(cert !== undefined && key !== undefined && { cert: await readFile(cert), key: await readFile(key) }),
    // As in libpq, "require" verifies the certificate only if sslrootcert is given.
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}
