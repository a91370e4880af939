import { readMicroversion } from '../domain/microversion.js';
import { DAY_MS } from '../domain/utc-time.js';
import { readDatabaseUrl } from './database-url.js';
import { sharedSecrets, sharedSecretsInFile } from './shared-secret.js';
import { readTransportUrl } from './transport-url.js';
import {
  duration,
  durationOrOff,
  list,
  networks,
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
  webSsoMethods,
  wholeNumber,
  wholeNumbers,
  yesOrNo,
} from './settings.js';

/** The URL as written, if it is valid. */
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
  port: setting('PORT', '8774', wholeNumber(0, 65535), 'TCP port that the API listens on; 0 for any free one.'),
  publicUrl: optional(
    'PUBLIC_URL',
    url('http:', 'https:'),
    'URL of the API for clients, used for links in answers. Unset: the Host of each request.',
  ),
  trustedProxies: setting(
    'TRUSTED_PROXIES',
    '',
    list,
    'Addresses or networks (CIDR), separated by commas, whose X-Forwarded-* headers count.',
  ),
  databaseUrl: optional(
    'DATABASE_URL',
    databaseUrl,
    'URL of the PostgreSQL database. It may name several hosts, separated by commas; target_session_attrs=read-write selects the one that accepts writes; sslmode=verify-full requires TLS, with sslrootcert, sslcert and sslkey as files. Unset: an embedded database in DATA_DIR.',
  ),
  databaseUrlFile: optional(
    'DATABASE_URL_FILE',
    databaseUrlFile,
    'File with the value of DATABASE_URL. Its password is read for each connection, so it may change while the service runs.',
  ),
  databasePasswordFile: optional(
    'DATABASE_PASSWORD_FILE',
    readableFile,
    'File with the password for DATABASE_URL. It is read for each connection, so it may change while the service runs.',
  ),
  databaseListenUrl: optional(
    'DATABASE_LISTEN_URL',
    databaseUrl,
    'URL of PostgreSQL itself if DATABASE_URL leads to a pooler in transaction mode, such as PgBouncer: the service listens for changes and migrates there, and sends the pooler no startup parameter. Unset: DATABASE_URL.',
  ),
  databaseReadUrl: optional(
    'DATABASE_READ_URL',
    databaseUrl,
    'URL of standbys for reads; it may name several hosts, also the one of DATABASE_URL. Unset: reads are refused while DATABASE_URL is away.',
  ),
  databaseReads: setting(
    'DATABASE_READS',
    'primary',
    oneOf('primary', 'standby'),
    'Where reads go if DATABASE_READ_URL is set. primary: to DATABASE_URL, and to a standby while that is away. standby: to a standby, which may lag behind, except for users who wrote in the last DATABASE_FRESH_SECONDS.',
  ),
  databaseFreshSeconds: setting(
    'DATABASE_FRESH_SECONDS',
    '10',
    wholeNumber(1, 3600),
    'With DATABASE_READS=standby: seconds after a write during which its user reads from DATABASE_URL. Each replica counts for itself.',
  ),
  databaseStatements: setting(
    'DATABASE_STATEMENTS',
    'named',
    oneOf('named', 'unnamed'),
    'Whether PostgreSQL prepares each statement once per connection. Set unnamed for a pooler that does not follow named statements in transaction mode, such as PgBouncer before 1.21.',
  ),
  dbTimeoutMs: setting(
    'DB_TIMEOUT_MS',
    '5000',
    wholeNumber(100, 600_000),
    'Milliseconds that a request waits for PostgreSQL, including a second try, before the answer is 503.',
  ),
  databasePoolSize: setting(
    'DATABASE_POOL_SIZE',
    '10',
    wholeNumber(1, 1000),
    'Maximum number of connections to PostgreSQL.',
  ),
  migrateOnStart: setting(
    'MIGRATE_ON_START',
    'false',
    yesOrNo,
    'Whether to migrate an external database at start. The embedded one is always migrated.',
  ),
  dataDir: setting('DATA_DIR', './data', text, 'Directory of the embedded database and of generated files.'),
  embeddedFsync: setting(
    'EMBEDDED_FSYNC',
    'on',
    oneOf('on', 'off'),
    'Whether the embedded database waits for the disk. on: what is acknowledged survives a power loss. off: faster, and a power loss may destroy the database.',
  ),
  authMode: setting(
    'AUTH_MODE',
    'builtin',
    oneOf('builtin', 'keystone', 'http_basic', 'none'),
    'How callers authenticate. builtin: with the Identity API under /identity. keystone: with a Keystone. http_basic: with user and password. none: X-Auth-Token is USER_ID:PROJECT_ID, and without it the caller is admin (loopback only).',
  ),
  policyFile: optional(
    'POLICY_FILE',
    text,
    "YAML file with policy rules in oslo.policy's form. A rule replaces the default of the same name; see latchkey policy list.",
  ),
  identityStore: setting(
    'IDENTITY_STORE',
    'file',
    oneOf('file', 'database'),
    'Where the users of the built-in identity are. file: in IDENTITY_FILE, which the API only reads. database: in the database, changed through the Identity API; its first start takes over the file, if there is one.',
  ),
  identityFile: optional(
    'IDENTITY_FILE',
    text,
    'YAML file with the users and projects of the built-in identity. Unset: identity.yaml in DATA_DIR. Created at the first start with IDENTITY_STORE=file.',
  ),
  identityRegion: setting('IDENTITY_REGION', 'RegionOne', text, "Region in the built-in identity's catalog."),
  tokenLifetimeSeconds: setting(
    'TOKEN_LIFETIME_SECONDS',
    '3600',
    wholeNumber(1, 30 * 86_400),
    'Seconds until a token of the built-in identity expires.',
  ),
  tokenKeyFile: optional(
    'TOKEN_KEY_FILE',
    text,
    'File with the key that signs tokens, 32 bytes in base64. Unset: token.key in DATA_DIR. Created if it does not exist; replicas must share it.',
  ),
  tokenCacheSeconds: setting(
    'TOKEN_CACHE_SECONDS',
    '300',
    wholeNumber(0, 86_400),
    'Seconds that a token confirmed by Keystone is cached. A revoked token works for that long.',
  ),
  keystoneAuthUrl: optional(
    'KEYSTONE_AUTH_URL',
    url('http:', 'https:'),
    'URL of Keystone, as in https://cloud.example:5000/v3.',
  ),
  keystoneUsername: setting('KEYSTONE_USERNAME', 'nova', text, 'User as which the service logs in to Keystone.'),
  keystonePassword: optional('KEYSTONE_PASSWORD', text, 'Password of that user.'),
  keystonePasswordFile: optional(
    'KEYSTONE_PASSWORD_FILE',
    textInFile,
    'File with the password of that user, without its final line end.',
  ),
  keystoneProjectName: setting('KEYSTONE_PROJECT_NAME', 'service', text, 'Project of that user.'),
  keystoneUserDomainName: setting('KEYSTONE_USER_DOMAIN_NAME', 'Default', text, 'Domain of that user.'),
  keystoneProjectDomainName: setting('KEYSTONE_PROJECT_DOMAIN_NAME', 'Default', text, 'Domain of that project.'),
  keystoneRegion: optional(
    'KEYSTONE_REGION',
    text,
    "Region of Keystone's endpoint in its catalog. Unset: the first one.",
  ),
  keystoneInterface: setting(
    'KEYSTONE_INTERFACE',
    'internal',
    oneOf('internal', 'public', 'admin'),
    "Interface of Keystone's endpoint in its catalog.",
  ),
  keystoneCaFile: optional('KEYSTONE_CAFILE', text, 'PEM file with the certificate authorities to trust for Keystone.'),
  keystoneTimeoutSeconds: setting(
    'KEYSTONE_TIMEOUT_SECONDS',
    '15',
    wholeNumber(1, 300),
    'Seconds that a request waits for Keystone, including a second try, before the answer is 503.',
  ),
  httpBasicFile: optional(
    'HTTP_BASIC_FILE',
    text,
    'File of users and bcrypt hashes for AUTH_MODE=http_basic, as "htpasswd -B" writes it.',
  ),
  keypairQuota: setting(
    'KEYPAIR_QUOTA',
    '100',
    wholeNumber(-1),
    'Maximum number of keypairs of a user; -1 for no limit.',
  ),
  keypairMaxLifetimeDays: optional(
    'KEYPAIR_MAX_LIFETIME',
    wholeNumber(1, 36_500),
    'Days after which a new keypair expires, and the latest end that a client can set. Unset: keypairs need no end.',
  ),
  keypairWarnDays: setting(
    'KEYPAIR_WARN_DAYS',
    '30,7,1',
    wholeNumbers(1, 36_500),
    'Days, with commas: latchkey_keypairs_expiring counts the keypairs that expire within each, and an audit line is written when one passes a day.',
  ),
  keypairDeleteAttached: setting(
    'KEYPAIR_DELETE_ATTACHED',
    'allow',
    oneOf('allow', 'refuse'),
    'Whether a keypair that guests hold copies of can be deleted. The copies stay in either case.',
  ),
  sharedKeypairs: setting(
    'SHARED_KEYPAIRS',
    'listed',
    oneOf('listed', 'hidden', 'off'),
    'Whether os-keypairs finds keypairs of the project of the token by name and lists them; hidden: by name only; off: projects have none.',
  ),
  sharedKeypairQuota: setting(
    'SHARED_KEYPAIR_QUOTA',
    '100',
    wholeNumber(-1),
    'Maximum number of keypairs of a project; -1 for no limit.',
  ),
  eventsKeepMs: setting(
    'EVENTS_KEEP',
    '7d',
    durationOrOff(60_000, 365 * DAY_MS),
    'How long events of changes are kept, as 12h or 7d; see docs/events.md. off or 0: none are written, and those of before are deleted.',
  ),
  notifyTransportUrl: optional(
    'NOTIFY_TRANSPORT_URL',
    readTransportUrl,
    "Message broker for Nova's notifications of keypairs, as oslo.messaging's transport_url: rabbit://USER:PASSWORD@HOST:5672/. Unset: none are sent.",
  ),
  notificationFormat: setting(
    'NOTIFICATION_FORMAT',
    'unversioned',
    oneOf('unversioned', 'versioned', 'both'),
    "Which notifications are sent, as Nova's notification_format.",
  ),
  notifyDurable: setting(
    'NOTIFY_DURABLE',
    'false',
    yesOrNo,
    "Whether the exchange and the queues survive a restart of the broker, as oslo.messaging's amqp_durable_queues; they must be declared alike everywhere.",
  ),
  webhookHttp: setting(
    'WEBHOOK_HTTP',
    'false',
    yesOrNo,
    'Whether the URLs of webhooks may begin with http://, without TLS. See docs/events.md.',
  ),
  webhookNetworks: setting(
    'WEBHOOK_NETWORKS',
    '',
    networks,
    'Networks (CIDR), separated by commas, where webhooks may be although they are not on the public Internet, such as 10.1.0.0/16.',
  ),
  maxLimit: setting('MAX_LIMIT', '1000', wholeNumber(1), 'Maximum number of keypairs in one page of a list.'),
  extendedKeypairs: setting(
    'EXTENDED_KEYPAIRS',
    'true',
    yesOrNo,
    'Whether /v2 has the extension os-extended-keypairs: key_type, and keypairs of both types. Nova has no such extension.',
  ),
  maxMicroversion: setting(
    'MAX_MICROVERSION',
    '2.104',
    readMicroversion,
    'Newest compute microversion that is offered; lower it to replace an older Nova.',
  ),
  docs: setting('DOCS', 'true', yesOrNo, 'Whether /docs shows the API documents to browsers.'),
  console: setting('CONSOLE', 'true', yesOrNo, 'Whether /console is a web console.'),
  consoleSso: setting(
    'CONSOLE_SSO',
    '',
    webSsoMethods,
    "Log-ins of Keystone's WebSSO that the console offers, separated by commas, each as PROTOCOL:LABEL or PROVIDER/PROTOCOL:LABEL, such as openid:Company login. Keystone must have the URL of /console/websso among its trusted_dashboard.",
  ),
  consoleKeystoneUrl: optional(
    'CONSOLE_KEYSTONE_URL',
    url('http:', 'https:'),
    'URL of Keystone as browsers reach it, for CONSOLE_SSO. Unset: KEYSTONE_AUTH_URL.',
  ),
  keyPolicy: setting(
    'KEY_POLICY',
    'strict',
    oneOf('strict', 'nova'),
    'Which well-formed keys are accepted. strict: no weak or unusable ones. nova: all that Nova accepts.',
  ),
  rsaKeyBits: setting(
    'RSA_KEY_BITS',
    '2048',
    wholeNumber(2048, 8192),
    'Size in bits of RSA keys that the server generates.',
  ),
  x509Days: setting(
    'X509_DAYS',
    '3650',
    wholeNumber(1, 36500),
    'Days that a certificate generated by the server is valid.',
  ),
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
    "How the metadata service identifies a guest. address: by the connection's address. neutron: by the signed headers of Neutron's metadata agents. off: no metadata service.",
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
    'TCP port that the metadata service listens on; 0 for any free one.',
  ),
  metadataNetwork: setting(
    'METADATA_NETWORK',
    'default',
    text,
    'Name of the network of the metadata service; addresses of guests are unique in a network.',
  ),
  metadataSecret: optional(
    'METADATA_SECRET',
    sharedSecrets,
    "Secret shared with Neutron's metadata agents (metadata_proxy_shared_secret); two, with a space between them, during a change.",
  ),
  metadataSecretFile: optional('METADATA_SECRET_FILE', sharedSecretsInFile, 'File with the value of METADATA_SECRET.'),
  metadataTokens: setting(
    'METADATA_TOKENS',
    'optional',
    oneOf('optional', 'required'),
    'Whether guests must send a session token (EC2 IMDSv2) for what is neither under /openstack nor under /nocloud. Replicas share METADATA_SECRET, or each knows its own tokens only.',
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
    'Seconds that a guest is cached. Changes apply at once; behind a PgBouncer in transaction mode those of other replicas apply after this time.',
  ),
  phoneHomeUrl: optional(
    'PHONE_HOME_URL',
    url('http:', 'https:'),
    "URL of the metadata listener for guests, such as http://169.254.169.254. Set: guests report their SSH host keys there, once. Behind Neutron's agents too.",
  ),
  sshCa: setting(
    'SSH_CA',
    'off',
    oneOf('off', 'on'),
    'Whether the service signs SSH certificates of users, which guests registered with ssh_ca accept. See docs/ssh-ca.md first.',
  ),
  sshCaType: setting(
    'SSH_CA_TYPE',
    'ed25519',
    oneOf('ed25519', 'ecdsa'),
    'Kind of the key that the first start with SSH_CA=on makes. ecdsa: with P-256, for FIPS.',
  ),
  sshCaKeyFile: optional(
    'SSH_CA_KEY_FILE',
    text,
    'File with the private key that signs SSH certificates, PKCS#8 in PEM. Unset: ssh-ca.key in DATA_DIR. Created if it does not exist; replicas must share it, and it is read again when it changes.',
  ),
  sshCaAgent: optional(
    'SSH_CA_AGENT',
    text,
    'Socket of an SSH agent that holds the key in place of SSH_CA_KEY_FILE, such as one for an HSM. Its first key signs, and guests trust all.',
  ),
  sshCertTtlMs: setting(
    'SSH_CERT_TTL',
    '8h',
    duration(60_000, DAY_MS),
    'How long an SSH certificate is valid, unless a client asks for another time.',
  ),
  sshCertMaxTtlMs: setting(
    'SSH_CERT_MAX_TTL',
    '24h',
    duration(60_000, DAY_MS),
    'The longest time that a client can ask for, at most 24h.',
  ),
  guestQuota: setting(
    'GUEST_QUOTA',
    '200',
    wholeNumber(-1, 2_147_483_647),
    'Maximum number of guests of a project; -1 for no limit.',
  ),
  guestAddresses: setting(
    'GUEST_ADDRESSES',
    'admin',
    oneOf('admin', 'owner'),
    'Who may set the addresses of a guest, which decides what machine receives its keys. With AUTH_MODE=none every caller may.',
  ),
  rateLimit: setting(
    'RATE_LIMIT',
    '6000/60',
    rate,
    'Maximum number of requests of a user in a number of seconds; more are answered with 429. Each replica counts for itself. off: no limit.',
  ),
  maxConnections: setting(
    'MAX_CONNECTIONS',
    '4096',
    wholeNumber(1),
    'Maximum number of open connections of each listener (API, guests, operators); further ones are closed.',
  ),
  maxConnectionsPerAddress: optional(
    'MAX_CONNECTIONS_PER_ADDRESS',
    wholeNumber(1),
    'Maximum number of open connections of one address to a listener; further ones are closed. Behind a proxy all clients have its address. Unset: no limit, but 64 for guests identified by their address.',
  ),
  headersTimeoutSeconds: setting(
    'HEADERS_TIMEOUT_SECONDS',
    '10',
    wholeNumber(1, 3600),
    'Seconds until the headers of a request must have arrived, and a TLS handshake be done.',
  ),
  requestTimeoutSeconds: setting(
    'REQUEST_TIMEOUT_SECONDS',
    '60',
    wholeNumber(1, 3600),
    'Seconds until the whole of a request must have arrived, headers included.',
  ),
  idleTimeoutSeconds: setting(
    'IDLE_TIMEOUT_SECONDS',
    '65',
    wholeNumber(1, 3600),
    'Seconds that an idle connection stays open. Set it longer than the idle timeout of the load balancer in front.',
  ),
  stalledTimeoutSeconds: setting(
    'STALLED_TIMEOUT_SECONDS',
    '120',
    wholeNumber(1, 3600),
    'Seconds after which the connection of a client that does not read its answer is closed; DB_TIMEOUT_MS and KEYSTONE_TIMEOUT_SECONDS are added.',
  ),
  tlsCert: optional(
    'TLS_CERT',
    readableFile,
    'PEM file with the certificate of the API and its intermediates. It is read again when it changes. Unset: no TLS.',
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
    'Seconds that requests under way may take to finish after SIGTERM; then their connections are closed.',
  ),
  adminHost: setting('ADMIN_HOST', '127.0.0.1', text, 'Address that the listener for operators listens on.'),
  adminPort: optional(
    'ADMIN_PORT',
    wholeNumber(0, 65535),
    'TCP port of the listener for operators, with /metrics for Prometheus and probes; 0 for any free one. Unset: no such listener.',
  ),
  auditFile: optional(
    'AUDIT_FILE',
    text,
    'File to which service and command line append audit lines. Unset: the service writes them to its log only, and the command line to audit.log in DATA_DIR.',
  ),
  otelSdkDisabled: setting('OTEL_SDK_DISABLED', 'false', yesOrNo, 'Whether traces are off, whatever else is set.'),
  otelTracesExporter: optional(
    'OTEL_TRACES_EXPORTER',
    oneOf('otlp', 'none'),
    'Where traces go. otlp: to an OpenTelemetry collector, by default at http://localhost:4318. Unset: to the configured endpoint, if any.',
  ),
  otelEndpoint: optional(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    url('http:', 'https:'),
    'URL of an OpenTelemetry collector, without /v1/traces. OTEL_EXPORTER_OTLP_HEADERS has its headers and is not shown. Unset: no traces.',
  ),
  otelTracesEndpoint: optional(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    url('http:', 'https:'),
    'Complete URL for traces, instead of OTEL_EXPORTER_OTLP_ENDPOINT.',
  ),
  otelProtocol: setting(
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'http/protobuf',
    oneOf('http/protobuf'),
    'Protocol of traces; only this one is supported.',
  ),
  otelServiceName: setting('OTEL_SERVICE_NAME', 'latchkey', text, 'Name of the service in traces.'),
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
    'Which requests are traced; parentbased samplers follow the traceparent of the request, if any.',
  ),
  otelTracesSamplerArg: setting(
    'OTEL_TRACES_SAMPLER_ARG',
    '1',
    share,
    'Share of requests that the traceidratio samplers choose, from 0 to 1.',
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

/** Every error in an environment, a line each. */
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
      problems.push(`${each.variable} ${(error as Error).message}. ${each.description}`);
    }
  }
  const { databaseUrl: given, databaseUrlFile: file } = values as Partial<Config>;
  if (given !== undefined && file !== undefined)
    problems.push('DATABASE_URL and DATABASE_URL_FILE are both set; keep one.');
  if (file !== undefined) values.databaseUrl = databaseUrlIn(file);
  const config = values as Config;
  if (config.notifyTransportUrl !== undefined && config.eventsKeepMs === 0)
    problems.push('NOTIFY_TRANSPORT_URL needs events: EVENTS_KEEP must not be off.');
  if (config.databaseReadUrl !== undefined && config.databaseUrl === undefined)
    problems.push('DATABASE_READ_URL needs DATABASE_URL.');
  if (config.databaseReads === 'standby' && config.databaseReadUrl === undefined)
    problems.push('DATABASE_READS=standby needs DATABASE_READ_URL.');
  if (problems.length === 0) problems.push(...identityProblems(config));
  if (problems.length === 0) problems.push(...metadataProblems(config));
  if (problems.length === 0) problems.push(...sshCaProblems(config));
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    problems.push('TLS_CERT and TLS_KEY must be set both or neither.');
  }
  if (config.requestTimeoutSeconds < config.headersTimeoutSeconds) {
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
    'METADATA_SECRET or METADATA_SECRET_FILE must be set while METADATA_MODE is neutron: without it any client could sign.',
  ];
}

function sshCaProblems({ sshCa, sshCaAgent, sshCaKeyFile, sshCertTtlMs, sshCertMaxTtlMs, dataDir }: Config): string[] {
  if (sshCa === 'off') return [];
  if (sshCertTtlMs > sshCertMaxTtlMs) return ['SSH_CERT_TTL must not be longer than SSH_CERT_MAX_TTL.'];
  if (sshCaAgent !== undefined && sshCaKeyFile !== undefined)
    return ['SSH_CA_AGENT and SSH_CA_KEY_FILE are both set; keep one.'];
  if (dataDir !== 'memory://' || sshCaAgent !== undefined || sshCaKeyFile !== undefined) return [];
  return ['SSH_CA_KEY_FILE or SSH_CA_AGENT must be set while SSH_CA is on and DATA_DIR is no directory.'];
}

/** What each AUTH_MODE needs. */
function identityProblems(config: Config): string[] {
  const { authMode, host, dataDir, identityFile, tokenKeyFile, httpBasicFile } = config;
  if (authMode === 'none' && !isLoopback(host)) {
    return [
      'HOST must be a loopback address (127.0.0.1, ::1 or localhost) while AUTH_MODE is none: every caller is admin then.',
    ];
  }
  if (authMode === 'builtin' && dataDir === 'memory://' && !(identityFile && tokenKeyFile)) {
    return ['IDENTITY_FILE and TOKEN_KEY_FILE must be set while AUTH_MODE is builtin and DATA_DIR is no directory.'];
  }
  if (authMode === 'http_basic' && httpBasicFile === undefined) {
    return ['HTTP_BASIC_FILE must be set while AUTH_MODE is http_basic.'];
  }
  if (authMode === 'keystone') return keystoneProblems(config);
  return config.consoleSso.length > 0 ? ['CONSOLE_SSO needs AUTH_MODE=keystone.'] : [];
}

function keystoneProblems({ keystoneAuthUrl, keystonePassword, keystonePasswordFile }: Config): string[] {
  const problems = [];
  if (keystoneAuthUrl === undefined) problems.push('KEYSTONE_AUTH_URL must be set while AUTH_MODE is keystone.');
  if ((keystonePassword === undefined) === (keystonePasswordFile === undefined)) {
    problems.push('One of KEYSTONE_PASSWORD and KEYSTONE_PASSWORD_FILE must be set while AUTH_MODE is keystone.');
  }
  return problems;
}

/** Whether only this machine reaches an address of a listener. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
