import type { Command } from '../command.js';
import { collect } from '../global-options.js';

const SETTINGS =
  'The settings are environment variables; "latchkey config" prints them, and .env.example describes them.';
const DATABASE =
  'The database is that of DATABASE_URL, or else the embedded one in DATA_DIR, which no service may be using.';

export function addServiceCommands(program: Command): void {
  program
    .command('serve')
    .description('run the service')
    .notes('The service runs until SIGINT or SIGTERM, and then finishes open requests.', SETTINGS)
    .example('on another port', 'PORT=9774 latchkey serve')
    .action(async () => (await import('../../serve.js')).serve());
  program
    .command('dev')
    .description('run the service for tests: in memory, with the users admin and demo')
    .notes(
      `The password of each user is the user name, so it listens only on loopback addresses, except in a container. When the service is
ready, the clouds.yaml for them is printed on standard output, and /readyz answers 200. All data is lost when the process ends.`,
      `${SETTINGS} Those of databases and of the identity are ignored; the log is off unless LOG_LEVEL is set.`,
    )
    .example('a service for a test suite, on a free port', 'PORT=0 METADATA_PORT=0 latchkey dev > clouds.yaml')
    .lazyAction(async () => (await import('./dev.js')).runDev);
  addMigrate(program);
  program
    .command('config')
    .description('show the settings of the service, with secrets masked')
    .notes('If settings are invalid, the command lists every error and exits with status 78.')
    .lazyAction(async () => (await import('./show-config.js')).showConfig);
  program
    .command('policy')
    .description('show the policy, which says who may do what')
    .command('list')
    .description('list the effective rules, including those of POLICY_FILE')
    .notes('A rule of POLICY_FILE with the same name replaces the default.')
    .lazyAction(async () => (await import('./show-config.js')).listPolicyRules);
  program
    .command('audit')
    .description('verify the audit log')
    .command('verify')
    .description('find the first line of an audit file that was changed, removed, inserted or moved')
    .argument('<file...>', 'the AUDIT_FILE, preceded by its rotated files, oldest first')
    .option('--after <hash>', 'hash of the line before the first one, if that file no longer exists')
    .option('--includes <hash>', 'hash that the last verification printed: its line must be there')
    .notes(
      `Each line contains the hash of the previous one. The command exits with 1 at the first line that does not match. Only
--includes detects missing lines at the end.`,
    )
    .example('since last month', 'latchkey audit verify audit.log.1 audit.log --includes 4be1…')
    .lazyAction(async () => (await import('./verify-audit.js')).verifyAudit);
  program
    .command('openapi')
    .description('print the OpenAPI document of the service')
    .argument('[version]', 'microversion, or v2 (default: the newest microversion)')
    .notes('The document is JSON, or YAML with -f yaml.')
    .lazyAction(async () => (await import('./print-openapi.js')).printOpenApi);
}

function addMigrate(program: Command): void {
  const work = () => import('./migrate.js');
  const migrate = program.command('migrate').description('migrate the database of the service');
  migrate
    .command('run')
    .description('run all pending migrations')
    .notes(DATABASE)
    .lazyAction(async () => (await work()).runMigrations);
  migrate
    .command('revert')
    .description('revert the last migration')
    .notes(DATABASE, 'Reverting deletes data that exists only in the newer tables, but never a keypair.')
    .lazyAction(async () => (await work()).revertMigration);
  migrate
    .command('show')
    .description('show which migrations the database has')
    .notes(DATABASE)
    .lazyAction(async () => (await work()).showMigrations);
}

/** `latchkey ca rotate`, which changes the file of the service's key. */
export function addRotateCommand(ca: Command): void {
  ca.command('rotate')
    .description('take the next step of a key rotation (for operators, on the machine of the service)')
    .notes(
      `The first run adds a key that guests start to trust. The second run signs with it and keeps only the public half of the
previous key, whose certificates remain valid until they expire. Guests that booted with ssh_ca true trust only the keys of
their first boot.`,
      SETTINGS,
    )
    .lazyAction(async () => (await import('./rotate-ca.js')).rotateAuthority);
}

/** `latchkey import-nova`: keypairs of a Nova, into the database of the service. */
export function addImportCommand(program: Command): void {
  program
    .command('import-nova')
    .description('import the keypairs of all users from a Nova')
    .option('--dump <file>', "read Nova's key_pairs table from a file instead; - is standard input")
    .option('--database <name>', 'database to read from a dump of several (default: nova_api)')
    .option('--user <id>', 'read the keypairs of this user only; may be repeated', collect)
    .option('--dry-run', 'report what would be imported, and change nothing')
    .option('--strict', 'omit keypairs that the strict key policy refuses')
    .notes(
      'Keypairs are read from the compute service of the cloud that the options in "latchkey --help" choose, signed in as an administrator; the users are those of its Keystone. They are written to the database of DATABASE_URL, or else to the embedded one in DATA_DIR, which no service may be using.',
      'A dump is a script of mysqldump, mariadb-dump or pg_dump, or what INTO OUTFILE, COPY or "mysql --batch" write, CSV included; gzip, xz and zstd are decompressed. Columns that it does not name are those of nova_api.key_pairs in their order. Rows that Nova marked as deleted are counted and left out; a missing fingerprint is computed.',
      'Keys, fingerprints and times stay as they are; ids are new. Existing keypairs stay, so the command may be interrupted and repeated. Quotas do not limit the import, and apply afterwards.',
      'The report lists keypairs that the strict policy refuses, those that cannot be read, and those whose name is taken by another key. The last two are not imported, and the exit status is then 1.',
    )
    .example('see what would happen', 'latchkey --os-cloud nova import-nova --dry-run')
    .example(
      'from a dump',
      'mysqldump --single-transaction nova_api key_pairs > keys.sql\n  latchkey import-nova --dump keys.sql',
    )
    .example('a report for a spreadsheet', 'latchkey import-nova --dump keys.sql --dry-run -f json > report.json')
    .lazyAction(async () => (await import('./import-nova/import-nova.js')).importNova);
}
