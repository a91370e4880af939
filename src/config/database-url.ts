import { type DatabaseTls, takeTls } from './database-tls.js';

/** One PostgreSQL server. */
export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

/** A parsed DATABASE_URL. */
export interface DatabaseUrl {
  /** The URL with the first host only, and without the parameters that this service interprets itself. */
  readonly url: string;
  /** In the order in which they are tried. */
  readonly hosts: readonly DatabaseHost[];
  /** Whether the server must take writes, as with libpq's `target_session_attrs=read-write`. */
  readonly onlyWritable: boolean;
  /** Undefined if connections are not encrypted. */
  readonly tls: DatabaseTls | undefined;
  /** Empty if it has none. */
  readonly password: string;
}

const FORM = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]+)((?:\/[^?#]*)?(?:\?.*)?)$/s;
const PORT = 5432;
/** libpq's name of the parameter, and the supported values; `primary` and `read-write` are equivalent here. */
const ATTRIBUTES = 'target_session_attrs';
const WRITABLE: Record<string, boolean> = { any: false, 'read-write': true, primary: true };

/**
 * Reads `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?target_session_attrs=read-write`, as libpq has it. Throws an
 * error whose message completes "DATABASE_URL ...".
 */
export function readDatabaseUrl(text: string): DatabaseUrl {
  const [, before = '', hostList = '', after = ''] = FORM.exec(text) ?? [];
  const parts = hostList.split(',');
  const urls = parts.map((host) => `${before}${host}${after}`);
  if (!urls.every((each) => URL.canParse(each)) || parts.includes('')) {
    throw new Error(
      'must be a URL that begins with postgres:// or postgresql://; several hosts have commas between them',
    );
  }
  const first = new URL(urls[0]);
  const attributes = first.searchParams.get(ATTRIBUTES) ?? 'any';
  if (WRITABLE[attributes] === undefined) {
    throw new Error(`must have one of ${Object.keys(WRITABLE).join(', ')} as ${ATTRIBUTES}`);
  }
  first.searchParams.delete(ATTRIBUTES);
  const tls = takeTls(first.searchParams);
  return {
    url: first.href.replace(/\/+$/, ''),
    hosts: urls.map((each) => hostOf(new URL(each))),
    onlyWritable: WRITABLE[attributes],
    tls,
    password: decodePassword(first.password),
  };
}

function decodePassword(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('must have each % of its password written as %25');
  }
}

function hostOf({ hostname, port }: URL): DatabaseHost {
  return { host: hostname.replace(/^\[(.+)\]$/, '$1'), port: port === '' ? PORT : Number(port) };
}
