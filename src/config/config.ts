import { readMicroversion } from '../microversions/microversion.js';
import { sharedSecrets, sharedSecretsInFile } from './shared-secret.js';
import { list, oneOf, optional, type Setting, setting, text, url, wholeNumber, yesOrNo } from './settings.js';

/** Every setting of the service. `.env.example` is printed from this table. */
export const SETTINGS = {
  host: setting('HOST', '127.0.0.1', text, 'Address that the API listens on.'),
  port: setting('PORT', '8774', wholeNumber(0, 65535), 'TCP port that the API listens on; 0 takes any free one.'),
  publicUrl: optional(
    'PUBLIC_URL',
    url('http:', 'https:'),
    'URL that clients reach the API under, for the links in answers. Unset: the host of each request.',
  ),
  trustedProxies: setting(
    'TRUSTED_PROXIES',
    '',
    list,
    'Addresses or networks (CIDR), separated by commas, whose X-Forwarded-* headers are believed.',
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    url('postgres:', 'postgresql:'),
    'PostgreSQL to keep keypairs in. Unset: an embedded database in DATA_DIR.',
  ),
  databasePoolSize: setting('DATABASE_POOL_SIZE', '10', wholeNumber(1, 1000), 'Connections to PostgreSQL, at most.'),
  migrateOnStart: setting(
    'MIGRATE_ON_START',
    'false',
    yesOrNo,
    'Whether to migrate an external database at start. The embedded one always is.',
  ),
  dataDir: setting('DATA_DIR', './data', text, 'Directory of the embedded database and of generated files.'),
  authMode: setting(
    'AUTH_MODE',
    'none',
    oneOf('none'),
    'How callers are known. none: X-Auth-Token is USER_ID:PROJECT_ID, and without it the caller is admin (loopback only).',
  ),
  keypairQuota: setting('KEYPAIR_QUOTA', '100', wholeNumber(-1), 'Keypairs a user may have; -1 means no limit.'),
  maxLimit: setting('MAX_LIMIT', '1000', wholeNumber(1), 'Keypairs in one page of a list, at most.'),
  extendedKeypairs: setting(
    'EXTENDED_KEYPAIRS',
    'true',
    yesOrNo,
    'Whether /v2 has the extension os-extended-keypairs: key_type, and keypairs of both types. Nova has never had it.',
  ),
  maxMicroversion: setting(
    'MAX_MICROVERSION',
    '2.104',
    readMicroversion,
    'Newest compute microversion that is offered; lower it to stand in for an older Nova.',
  ),
  keyPolicy: setting(
    'KEY_POLICY',
    'strict',
    oneOf('strict', 'nova'),
    'Which well-formed keys are taken. strict: none that would hurt later. nova: every one that Nova takes.',
  ),
  rsaKeyBits: setting(
    'RSA_KEY_BITS',
    '2048',
    wholeNumber(2048, 8192),
    'Size in bits of RSA keys that the server makes.',
  ),
  x509Days: setting('X509_DAYS', '3650', wholeNumber(1, 36500), 'Days that a certificate made by the server is valid.'),
  x509RefuseExpired: setting(
    'X509_REFUSE_EXPIRED',
    'false',
    yesOrNo,
    'Whether certificates outside their validity dates are refused.',
  ),
  metadataMode: setting(
    'METADATA_MODE',
    'address',
    oneOf('address', 'neutron', 'off'),
    "How the metadata service knows a guest. address: by the connection's address. neutron: by the signed headers of Neutron's metadata agents. off: it is not started.",
  ),
  metadataHost: setting('METADATA_HOST', '127.0.0.1', text, 'Address that the metadata service listens on.'),
  metadataPort: setting(
    'METADATA_PORT',
    '8775',
    wholeNumber(0, 65535),
    'TCP port that the metadata service listens on; 0 takes any free one.',
  ),
  metadataNetwork: setting(
    'METADATA_NETWORK',
    'default',
    text,
    'Name of the network that the metadata service listens in; addresses of guests are unique in it.',
  ),
  metadataSecret: optional(
    'METADATA_SECRET',
    sharedSecrets,
    "Secret shared with Neutron's metadata agents (metadata_proxy_shared_secret); two, with a space between them, while one replaces the other.",
  ),
  metadataSecretFile: optional(
    'METADATA_SECRET_FILE',
    sharedSecretsInFile,
    'Path of a file that holds what METADATA_SECRET would.',
  ),
  metadataKeys: setting(
    'METADATA_KEYS',
    'separate',
    oneOf('separate', 'nova'),
    "Where guests find certificates. separate: in x509, so that public_keys holds SSH keys only. nova: in public_keys too, as Nova's.",
  ),
  metadataCacheSeconds: setting(
    'METADATA_CACHE_SECONDS',
    '5',
    wholeNumber(0, 300),
    'Seconds that a guest is remembered for after it was looked up; changes made through this process count at once.',
  ),
  guestAddresses: setting(
    'GUEST_ADDRESSES',
    'admin',
    oneOf('admin', 'owner'),
    'Who may say which addresses a guest has, and so whose keys reach what is behind them. With AUTH_MODE none everybody may.',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    'info',
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'Least severe log lines that are written.',
  ),
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof SETTINGS;
type Value<S> = S extends Setting<infer T> ? T : never;

/** The settings as read: one typed value each. */
export type Config = { readonly [Name in keyof Settings]: Value<Settings[Name]> };

/** Injection token of the {@link Config}. */
export const CONFIG = Symbol('Config');

/** All that is wrong with an environment, a line each. */
export class InvalidConfig extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidConfig';
  }
}

/** Reads the configuration from environment variables. Throws {@link InvalidConfig} with every problem at once. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, each] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const written = environment[each.variable] || each.fallback;
    try {
      values[name] = written === undefined ? undefined : each.read(written);
    } catch (error) {
      problems.push(`${each.variable} ${(error as Error).message}. ${each.says}`);
    }
  }
  const config = values as Config;
  if (problems.length === 0 && config.authMode === 'none' && !isLoopback(config.host)) {
    problems.push(
      'HOST must be a loopback address (127.0.0.1, ::1 or localhost) while AUTH_MODE is none: everybody is admin then.',
    );
  }
  if (problems.length === 0) problems.push(...metadataProblems(config));
  if (problems.length > 0) throw new InvalidConfig(problems);
  return config;
}

function metadataProblems({ metadataMode, metadataSecret, metadataSecretFile }: Config): string[] {
  if (metadataSecret && metadataSecretFile) return ['METADATA_SECRET and METADATA_SECRET_FILE are both set; keep one.'];
  if (metadataMode !== 'neutron' || metadataSecret || metadataSecretFile) return [];
  return [
    'METADATA_SECRET or METADATA_SECRET_FILE must be set while METADATA_MODE is neutron: anybody could sign without.',
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
