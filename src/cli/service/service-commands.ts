import type { Command } from 'commander';
import type { GlobalOptions } from '../global-options.js';
import { addToHelp } from '../help-text.js';
import type { VerifyOptions } from './verify-audit.js';

const SETTINGS =
  'The settings are environment variables; "latchkey config" prints them, and .env.example describes them.';

export function addServiceCommands(program: Command): void {
  const serve = program
    .command('serve')
    .description('run the service')
    .action(async () => {
      const { serve: start } = await import('../../serve.js');
      return start();
    });
  addToHelp(
    serve,
    ['The service runs until SIGINT or SIGTERM, and then finishes the requests under way.', SETTINGS],
    [['on another port', 'PORT=9774 latchkey serve']],
  );
  addDev(program);
  addMigrate(program);
  const config = program
    .command('config')
    .description('show the settings of the service, secrets masked')
    .action(async (_own: object, self: Command) => {
      const { showConfig } = await import('./show-config.js');
      return showConfig(self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(config, ['If settings are invalid, the command lists every error and exits with status 78.']);
  const policy = program
    .command('policy')
    .description('show the policy: which callers may do what')
    .command('list')
    .description('list the rules in force, with those of POLICY_FILE')
    .action(async (_own: object, self: Command) => {
      const { listPolicyRules } = await import('./show-config.js');
      return listPolicyRules(self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(policy, ['A rule of POLICY_FILE with the same name replaces the default.']);
  addAudit(program);
  const openapi = program
    .command('openapi')
    .description('print the OpenAPI document of the service')
    .argument('[version]', 'microversion that it is for, or v2 (default: the newest)')
    .action(async (version: string | undefined, _own: object, self: Command) => {
      const { printOpenApi } = await import('./print-openapi.js');
      return printOpenApi(version, self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(openapi, ['The document is JSON, or YAML with -f yaml.']);
}

/** `latchkey ca rotate`, which changes the file of the service's key. */
export function addRotateCommand(ca: Command): void {
  const rotate = ca
    .command('rotate')
    .description('take the next step to another key (for operators, beside the service)')
    .action(async (_own: object, self: Command) => {
      const { rotateAuthority } = await import('./rotate-ca.js');
      return rotateAuthority(self.optsWithGlobals<GlobalOptions>());
    });
  addToHelp(rotate, [
    `The first run adds a key that guests begin to trust. The second lets it sign, and keeps only the public half of the key before it, so
that certificates stay valid until they end. Guests that booted with ssh_ca true trust the keys of their first boot.`,
    SETTINGS,
  ]);
}

function addAudit(program: Command): void {
  const verify = program
    .command('audit')
    .description('verify the audit')
    .command('verify')
    .description('find the first line of an audit file that was changed, removed, inserted or moved')
    .argument('<file...>', 'AUDIT_FILE; with those that were rotated away, the oldest first')
    .option('--after <hash>', 'hash of the line before the first one, if its file is gone')
    .option('--includes <hash>', 'hash that the last verification printed: its line must be there')
    .action(async (files: string[], own: VerifyOptions) => {
      const { verifyAudit } = await import('./verify-audit.js');
      return verifyAudit(files, own);
    });
  addToHelp(
    verify,
    [
      `Each line has the hash of the one before it. The command ends with status 1 at the first line that does not fit. Lines that are
missing at the end are found with --includes only.`,
    ],
    [['since last month', 'latchkey audit verify audit.log.1 audit.log --includes 4be1…']],
  );
}

function addDev(program: Command): void {
  const dev = program
    .command('dev')
    .description('run the service for tests: in memory, with the users admin and demo')
    .action(async () => {
      const { runDev } = await import('./dev.js');
      return runDev();
    });
  addToHelp(
    dev,
    [
      `Passwords are the names of the users, so it listens on loopback addresses only, but in a container on any. When the service is
ready, the clouds.yaml for them is printed on standard output, and /readyz answers 200. All rows end with the process.`,
      `${SETTINGS} Those of databases and of the identity are ignored; the log is off unless LOG_LEVEL is set.`,
    ],
    [['a service for a test suite, on a free port', 'PORT=0 METADATA_PORT=0 latchkey dev > clouds.yaml']],
  );
}

function addMigrate(program: Command): void {
  const migrate = program.command('migrate').description('migrate the database of the service');
  const run = migrate
    .command('run')
    .description('run all pending migrations')
    .action(async (_own: object, self: Command) => {
      const { runMigrations } = await import('./migrate.js');
      return runMigrations(self.optsWithGlobals<GlobalOptions>());
    });
  const revert = migrate
    .command('revert')
    .description('revert the last migration')
    .action(async (_own: object, self: Command) => {
      const { revertMigration } = await import('./migrate.js');
      return revertMigration(self.optsWithGlobals<GlobalOptions>());
    });
  const show = migrate
    .command('show')
    .description('show which migrations the database has')
    .action(async (_own: object, self: Command) => {
      const { showMigrations } = await import('./migrate.js');
      return showMigrations(self.optsWithGlobals<GlobalOptions>());
    });
  const database =
    'The database is that of DATABASE_URL, or else the embedded one in DATA_DIR, which no service may be using.';
  addToHelp(run, [database]);
  addToHelp(revert, [database, 'Reverting deletes what only the newer tables hold, but never a keypair.']);
  addToHelp(show, [database]);
}
