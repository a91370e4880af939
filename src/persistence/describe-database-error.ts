/** Causes by the code of the system's, TLS's or PostgreSQL's error (its appendix A), the special ones before the general ones. */
const BY_CODE: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'connection refused'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'host name not found'],
  [/^(EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/, 'host not reachable'],
  [/^ETIMEDOUT$/, 'no answer in time'],
  [/^(ECONNRESET|EPIPE)$/, 'connection lost'],
  [/^(ENOENT|EACCES|EISDIR|EPERM)$/, 'a file with its password or certificates cannot be read'],
  [/^ERR_OSSL_|^ERR_SSL_/, 'the TLS handshake fails, or a PEM file cannot be used'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another host name'],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, 'its certificate is not valid at this time'],
  [/CERT|ISSUER|SIGNATURE/, 'its certificate is not signed by a trusted authority'],
  [/^28/, 'user, password or client certificate refused'],
  [/^3D000$/, 'no such database'],
  [/^42501$/, 'permission denied'],
  [/^53100$/, 'disk full'],
  [/^53200$/, 'out of memory'],
  [/^53300$/, 'no connection left on the server'],
  [/^53/, 'out of resources'],
  [/^25006$/, 'it takes no writes'],
  [/^57014$/, 'no answer in time'],
  [/^57P03$/, 'it is starting, stopping or recovering'],
  [/^57P/, 'it ended the connection'],
  [/^08P01$/, 'it refuses the protocol; if a pooler such as PgBouncer stands before it, set DATABASE_LISTEN_URL'],
  [/^42P05$|^26000$/, 'it loses named statements; set DATABASE_STATEMENTS=unnamed'],
  [/^08/, 'connection lost'],
  [/^58/, 'an error of its operating system'],
  [/^40/, 'conflict with other transactions'],
];

/** Causes by the words of errors without a code: pg's, pg-pool's and our own. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, 'it offers no TLS'],
  [
    /No connection became free|timeout exceeded when trying to connect/,
    'no connection of the pool became free in time',
  ],
  [
    /no server connection left/,
    'the pooler has no server connection left; in session mode it needs DATABASE_POOL_SIZE + 1 for each process',
  ],
  [/timeout|in time|no time left/i, 'no answer in time'],
  [/Connection terminated|Connection ended/, 'connection lost'],
  [/password must be a (non-empty )?string/, 'it requires a password, and none is set'],
  [/SASL|SCRAM/, 'its log-in fails'],
  [/takes no writes/, 'it takes no writes'],
  [/No synchronous standby/, 'no synchronous standby confirms commits'],
];

const UNKNOWN = 'it does not answer';

/**
 * The cause of a database error in a few words that are safe to publish: no host, no user, nothing that the error quotes. The
 * error's code follows if it has one, as in `connection refused (ECONNREFUSED)`.
 */
export function describeDatabaseError(error: unknown): string {
  const { code, message, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (typeof code === 'string') {
    const known = BY_CODE.find(([pattern]) => pattern.test(code))?.[1];
    return `${known ?? UNKNOWN} (${code})`;
  }
  const known = BY_MESSAGE.find(([pattern]) => pattern.test(message ?? ''))?.[1];
  if (known !== undefined) return known;
  return cause === undefined ? UNKNOWN : describeDatabaseError(cause);
}
