import { readMicroversion } from '../domain/microversion.js';
import { readDatabaseUrl } from './database-url.js';
import { sharedSecrets, sharedSecretsInFile } from './shared-secret.js';
import {
  list,
  oneOf,
  optional,
  rate,
  readableFile,
  type Setting,
  setting,
  share,
  text,
  textInFile,
  url,
  wholeNumber,
  yesOrNo,
} from './settings.js';

/** The URL as it was written, once it was seen that it can be read. */
const databaseUrl = (value: string): string => {
  readDatabaseUrl(value);
  return value;
};

const databaseUrlIn = (path: string): string => textInFile(path).trim();

/** The path of a file with such a URL. */
const databaseUrlFile = (path: string): string => {
  const content = databaseUrlIn(path);
  try {
    readDatabaseUrl(content);
  } catch (cause) {
    throw new Error(`names a file whose content ${(cause as Error).message}`, { cause });
  }
  return path;
};

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
    databaseUrl,
    'PostgreSQL to keep keypairs in. Several hosts may be named, with commas between them, and target_session_attrs=read-write finds the one that takes writes; sslmode=verify-full asks for TLS, with sslrootcert, sslcert and sslkey as files. Unset: an embedded database in DATA_DIR.',
  ),
  databaseUrlFile: optional(
    'DATABASE_URL_FILE',
    databaseUrlFile,
    'File that holds what DATABASE_URL would. Its password is read for each connection, so it may change meanwhile.',
  ),
  databasePasswordFile: optional(
    'DATABASE_PASSWORD_FILE',
    readableFile,
    'File that holds the password for DATABASE_URL. It is read for each connection, so the password may change meanwhile.',
  ),
  dbTimeout: setting(
    'DB_TIMEOUT_MS',
    '5000',
    wholeNumber(100, 600_000),
    'Milliseconds that a request waits for PostgreSQL, a second try included, before it is answered with 503.',
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
    'builtin',
    oneOf('builtin', 'keystone', 'http_basic', 'none'),
    'How callers are known. builtin: an Identity API of its own under /identity. keystone: by asking a Keystone. http_basic: by user and password. none: X-Auth-Token is USER_ID:PROJECT_ID, and without it the caller is admin (loopback only).',
  ),
  policyFile: optional(
    'POLICY_FILE',
    text,
    "YAML file with policy rules in oslo.policy's form, each in place of the built-in one of its name.",
  ),
  identityFile: optional(
    'IDENTITY_FILE',
    text,
    'YAML file with the users and projects of the built-in identity. Unset: identity.yaml in DATA_DIR. Made at the first start.',
  ),
  identityRegion: setting('IDENTITY_REGION', 'RegionOne', text, "Region in the built-in identity's catalog."),
  tokenLifetime: setting(
    'TOKEN_LIFETIME_SECONDS',
    '3600',
    wholeNumber(1, 30 * 86_400),
    'Seconds that a token of the built-in identity is good for after the log-in.',
  ),
  tokenKeyFile: optional(
    'TOKEN_KEY_FILE',
    text,
    'File with the key that tokens are signed with, 32 bytes in base64. Unset: token.key in DATA_DIR. Made where there is none; replicas share it.',
  ),
  tokenCache: setting(
    'TOKEN_CACHE_SECONDS',
    '300',
    wholeNumber(0, 86_400),
    'Seconds that a token which Keystone confirmed is taken without asking again. A revoked token is good for that long.',
  ),
  keystoneAuthUrl: optional(
    'KEYSTONE_AUTH_URL',
    url('http:', 'https:'),
    'URL of Keystone, as in https://cloud.example:5000/v3.',
  ),
  keystoneUsername: setting('KEYSTONE_USERNAME', 'nova', text, 'User that this service asks Keystone as.'),
  keystonePassword: optional('KEYSTONE_PASSWORD', text, 'Password of that user.'),
  keystonePasswordFile: optional(
    'KEYSTONE_PASSWORD_FILE',
    textInFile,
    'File that holds the password of that user; a line end at its end is not part of it.',
  ),
  keystoneProjectName: setting('KEYSTONE_PROJECT_NAME', 'service', text, 'Project of that user.'),
  keystoneUserDomainName: setting('KEYSTONE_USER_DOMAIN_NAME', 'Default', text, 'Domain of that user.'),
  keystoneProjectDomainName: setting('KEYSTONE_PROJECT_DOMAIN_NAME', 'Default', text, 'Domain of that project.'),
  keystoneRegion: optional(
    'KEYSTONE_REGION',
    text,
    "Region of Keystone's endpoint in its catalog. Unset: the first that there is.",
  ),
  keystoneInterface: setting(
    'KEYSTONE_INTERFACE',
    'internal',
    oneOf('internal', 'public', 'admin'),
    "Interface of Keystone's endpoint in its catalog.",
  ),
  keystoneCaFile: optional(
    'KEYSTONE_CAFILE',
    text,
    'PEM file with the authorities that sign the certificate of Keystone.',
  ),
  keystoneTimeout: setting(
    'KEYSTONE_TIMEOUT_SECONDS',
    '5',
    wholeNumber(1, 300),
    'Seconds that a request waits for Keystone in all, a second try included, before it is answered with 503.',
  ),
  httpBasicFile: optional(
    'HTTP_BASIC_FILE',
    text,
    'File of users and bcrypt hashes for AUTH_MODE=http_basic, as "htpasswd -B" writes it.',
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
  docs: setting(
    'DOCS',
    'true',
    yesOrNo,
    'Whether browsers find the API described at /docs, to read and to try it out.',
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
  weakKeysFile: optional(
    'WEAK_KEYS_FILE',
    text,
    "Files of weak keys to refuse, separated by commas: lines as in Debian's openssh-blacklist, or blocklist.dat and primes2048.dat of badkeys. Unset: the bundled ones only.",
  ),
  metadataMode: setting(
    'METADATA_MODE',
    'address',
    oneOf('address', 'neutron', 'off'),
    "How the metadata service knows a guest. address: by the connection's address. neutron: by the signed headers of Neutron's metadata agents. off: it is not started.",
  ),
  metadataHost: setting(
    'METADATA_HOST',
    '127.0.0.1',
    list,
    'Addresses that the metadata service listens on, separated by commas; a link-local one with its interface, as in 169.254.169.254,fe80::a9fe:a9fe%br0.',
  ),
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
  metadataTokens: setting(
    'METADATA_TOKENS',
    'optional',
    oneOf('optional', 'required'),
    'Whether guests must send a session token (EC2 IMDSv2) for what is not under /openstack. Replicas share METADATA_SECRET, or each knows its own tokens only.',
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
    'Seconds that a guest is remembered for after it was looked up. Changes count at once; those made through another process only after this time where PostgreSQL cannot tell of them, as behind PgBouncer in transaction mode.',
  ),
  guestQuota: setting(
    'GUEST_QUOTA',
    '200',
    wholeNumber(-1, 2_147_483_647),
    'Guests that a project may have; -1 means no limit.',
  ),
  guestAddresses: setting(
    'GUEST_ADDRESSES',
    'admin',
    oneOf('admin', 'owner'),
    'Who may say which addresses a guest has, and so whose keys reach what is behind them. With AUTH_MODE none everybody may.',
  ),
  rateLimit: setting(
    'RATE_LIMIT',
    '6000/60',
    rate,
    'Requests that each user may make in so many seconds; more are answered with 429. Each replica counts for itself. off: no limit.',
  ),
  maxConnections: setting(
    'MAX_CONNECTIONS',
    '4096',
    wholeNumber(1),
    'Connections that each listener (API, guests, operators) has open at once, at most; more are closed as they come.',
  ),
  maxConnectionsPerAddress: optional(
    'MAX_CONNECTIONS_PER_ADDRESS',
    wholeNumber(1),
    'Connections that one address may have open to a listener at once; more are closed as they come. Behind a proxy all clients have its address. Unset: no such limit, but 64 for guests that are known by their address.',
  ),
  headersTimeout: setting(
    'HEADERS_TIMEOUT_SECONDS',
    '10',
    wholeNumber(1, 3600),
    'Seconds until the headers of a request must have arrived, and a TLS handshake be done.',
  ),
  requestTimeout: setting(
    'REQUEST_TIMEOUT_SECONDS',
    '60',
    wholeNumber(1, 3600),
    'Seconds until the whole of a request must have arrived, headers included.',
  ),
  idleTimeout: setting(
    'IDLE_TIMEOUT_SECONDS',
    '65',
    wholeNumber(1, 3600),
    'Seconds that a connection is kept for another request; longer than the load balancer in front keeps it.',
  ),
  stalledTimeout: setting(
    'STALLED_TIMEOUT_SECONDS',
    '120',
    wholeNumber(1, 3600),
    'Seconds after which a client that takes no more of its answer is cut off; DB_TIMEOUT_MS and KEYSTONE_TIMEOUT_SECONDS come on top.',
  ),
  tlsCert: optional(
    'TLS_CERT',
    readableFile,
    'PEM file with the certificate of the API and those that vouch for it. It is read again when it changes. Unset: no TLS.',
  ),
  tlsKey: optional(
    'TLS_KEY',
    readableFile,
    'PEM file with the private key of TLS_CERT. It is read again when it changes.',
  ),
  shutdownSeconds: setting(
    'SHUTDOWN_SECONDS',
    '20',
    wholeNumber(0, 3600),
    'Seconds that requests under way have to finish after SIGTERM; then their connections are closed.',
  ),
  adminHost: setting('ADMIN_HOST', '127.0.0.1', text, 'Address that the listener for operators is on.'),
  adminPort: optional(
    'ADMIN_PORT',
    wholeNumber(0, 65535),
    'TCP port of the listener for operators, with /metrics for Prometheus and probes; 0 takes any free one. Unset: there is none.',
  ),
  auditFile: optional(
    'AUDIT_FILE',
    text,
    'File that audit lines are appended to, by the service beside its log and by the command line. Unset: those of the service are in its log only, and those of the command line in audit.log in DATA_DIR.',
  ),
  otelSdkDisabled: setting('OTEL_SDK_DISABLED', 'false', yesOrNo, 'Whether there are no traces, whatever else is set.'),
  otelTracesExporter: optional(
    'OTEL_TRACES_EXPORTER',
    oneOf('otlp', 'none'),
    'Where traces go. otlp: to an OpenTelemetry collector, by default at http://localhost:4318. Unset: there too where an endpoint is set, and nowhere otherwise.',
  ),
  otelEndpoint: optional(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    url('http:', 'https:'),
    'URL of an OpenTelemetry collector, without /v1/traces. Headers for it are in OTEL_EXPORTER_OTLP_HEADERS, which is not shown. Unset: no traces.',
  ),
  otelTracesEndpoint: optional(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    url('http:', 'https:'),
    'URL that traces are sent to as it is, in place of OTEL_EXPORTER_OTLP_ENDPOINT.',
  ),
  otelProtocol: setting(
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    oneOf('http/protobuf'),
    'Form in which traces are sent; there is one.',
  ),
  otelServiceName: setting('OTEL_SERVICE_NAME', 'latchkey', text, 'What the service is called in traces.'),
  otelTracesSampler: setting(
    'OTEL_TRACES_SAMPLER',
    'parentbased_always_on',
    oneOf(
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ),
    'Which requests are traced; parentbased ones do as the traceparent of the request says, where it has one.',
  ),
  otelTracesSamplerArg: setting(
    'OTEL_TRACES_SAMPLER_ARG',
    '1',
    share,
    'Share of requests that the samplers called traceidratio choose, from 0 to 1.',
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

/** Body the configuration from environment variables. Throws {@link InvalidConfig} with every problem at once. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, each] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const written = environment[each.variable] || each.fallback;
    try {
      values[name] = written === undefined ? undefined : each.read(written);
    } catch (error) {
      problems.push(`${each.variable} ${(error as Error).message}. ${each.description}`);
    }
  }
  const { databaseUrl: given, databaseUrlFile: file } = values as Partial<Config>;
  if (given !== undefined && file !== undefined)
    problems.push('DATABASE_URL and DATABASE_URL_FILE are both set; keep one.');
  if (file !== undefined) values.databaseUrl = databaseUrlIn(file);
  const config = values as Config;
  if (problems.length === 0) problems.push(...identityProblems(config));
  if (problems.length === 0) problems.push(...metadataProblems(config));
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    problems.push('TLS_CERT and TLS_KEY must be set both or neither.');
  }
  if (config.requestTimeout < config.headersTimeout) {
    problems.push('REQUEST_TIMEOUT_SECONDS must be HEADERS_TIMEOUT_SECONDS or more: headers are part of a request.');
  }
  if (problems.length > 0) throw new InvalidConfig(problems);
  return config;
}

function metadataProblems(config: Config): string[] {
  const { metadataMode, metadataHost, metadataTokens, metadataSecret, metadataSecretFile } = config;
  if (metadataHost.length === 0) return ['METADATA_HOST must name an address; METADATA_MODE=off starts no service.'];
  if (metadataMode === 'neutron' && metadataTokens === 'required') {
    return ["METADATA_TOKENS must be optional while METADATA_MODE is neutron: Neutron's agents pass on no tokens."];
  }
  if (metadataSecret && metadataSecretFile) return ['METADATA_SECRET and METADATA_SECRET_FILE are both set; keep one.'];
  if (metadataMode !== 'neutron' || metadataSecret || metadataSecretFile) return [];
  return [
    'METADATA_SECRET or METADATA_SECRET_FILE must be set while METADATA_MODE is neutron: anybody could sign without.',
  ];
}

/** What each AUTH_MODE needs. */
function identityProblems(config: Config): string[] {
  const { authMode, host, dataDir, identityFile, tokenKeyFile, httpBasicFile } = config;
  if (authMode === 'none' && !isLoopback(host)) {
    return [
      'HOST must be a loopback address (127.0.0.1, ::1 or localhost) while AUTH_MODE is none: everybody is admin then.',
    ];
  }
  if (authMode === 'builtin' && dataDir === 'memory://' && !(identityFile && tokenKeyFile)) {
    return ['IDENTITY_FILE and TOKEN_KEY_FILE must be set while AUTH_MODE is builtin and DATA_DIR is no directory.'];
  }
  if (authMode === 'http_basic' && httpBasicFile === undefined) {
    return ['HTTP_BASIC_FILE must be set while AUTH_MODE is http_basic.'];
  }
  return authMode === 'keystone' ? keystoneProblems(config) : [];
}

function keystoneProblems({ keystoneAuthUrl, keystonePassword, keystonePasswordFile }: Config): string[] {
  const problems = [];
  if (keystoneAuthUrl === undefined) problems.push('KEYSTONE_AUTH_URL must be set while AUTH_MODE is keystone.');
  if ((keystonePassword === undefined) === (keystonePasswordFile === undefined)) {
    problems.push('One of KEYSTONE_PASSWORD and KEYSTONE_PASSWORD_FILE must be set while AUTH_MODE is keystone.');
  }
  return problems;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
