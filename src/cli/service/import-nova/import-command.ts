import type { Command } from 'commander';
import { collect } from '../../global-options.js';
import { addToHelp } from '../../help-text.js';
import type { ImportNovaOptions } from './import-nova.js';

/** `latchkey import-nova`: keypairs of a Nova, into the database of the service. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import-nova')
    .description('import the keypairs of all users from a Nova')
    .option('--dump <file>', "read Nova's key_pairs table from a file instead; - is standard input")
    .option('--database <name>', 'with a dump of several databases, the one to read; by default nova_api')
    .option('--user <id>', 'read the keypairs of this user only; may be given several times', collect)
    .option('--dry-run', 'report what would be imported, and change nothing')
    .option('--strict', 'leave out keypairs that the strict key policy refuses')
    .action(async (_own: object, self: Command) => {
      const { importNova } = await import('./import-nova.js');
      return importNova(self.optsWithGlobals<ImportNovaOptions>());
    });
  addToHelp(
    command,
    [
      'Keypairs are read from the compute service of the cloud that the options in "latchkey --help" choose, signed in as an administrator; the users are those of its Keystone. They are written to the database of DATABASE_URL, or else to the embedded one in DATA_DIR, which no service may be using.',
      'A dump is a script of mysqldump, mariadb-dump or pg_dump, or what INTO OUTFILE, COPY or "mysql --batch" write, CSV included; gzip, xz and zstd are decompressed. Columns that it does not name are those of nova_api.key_pairs in their order. Rows that Nova marked as deleted are counted and left out; a missing fingerprint is computed.',
      'Keys, fingerprints and times stay as they are; ids are new. Existing keypairs stay, so the command may be interrupted and repeated. Quotas do not limit the import, and apply afterwards.',
      'The report lists keypairs that the strict policy refuses, those that cannot be read, and those whose name is taken by another key. The last two are not imported, and the exit status is then 1.',
    ],
    [
      ['see what would happen', 'latchkey --os-cloud nova import-nova --dry-run'],
      [
        'from a dump',
        'mysqldump --single-transaction nova_api key_pairs > keys.sql\n  latchkey import-nova --dump keys.sql',
      ],
      ['a report for a spreadsheet', 'latchkey import-nova --dump keys.sql --dry-run -f json > report.json'],
    ],
  );
}
