import { type DatabaseTls, takeTls } from './database-tls.js';

/** One PostgreSQL server. */
export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

/** What a DATABASE_URL says. */
export interface DatabaseUrl {
  /** The URL with the first host alone, and without what only this service reads of it. */
  readonly url: string;
  /** In the order in which they are tried. */
  readonly hosts: readonly DatabaseHost[];
  /** Whether only a server that takes writes will do, as libpq's `target_session_attrs=read-write` asks. */
  readonly onlyWritable: boolean;
  /** Undefined where connections are not encrypted. */
  readonly tls: DatabaseTls | undefined;
  /** Empty where it has none. */
  readonly password: string;
}

const FORM = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#@]+)((?:\/[^?#]*)?(?:\?.*)?)$/s;
const PORT = 5432;
/** libpq's name of the parameter, and its values that are known here: `primary` and `read-write` differ in nothing for us. */
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
    password: decoded(first.password),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('must have each % of its password written as %25');
  }
}

function hostOf({ hostname, port }: URL): DatabaseHost {
  return { host: hostname.replace(/^\[(.+)\]$/, '$1'), port: port === '' ? PORT : Number(port) };
}
