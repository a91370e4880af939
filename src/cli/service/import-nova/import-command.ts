import type { Command } from 'commander';
import { addToHelp } from '../../help-text.js';
import type { ImportNovaOptions } from './import-nova.js';

/** `latchkey import-nova`: keypairs of a Nova, into the database of the service. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import-nova')
    .description('take the keypairs of all users over from a Nova')
    .option('--dump <file>', "read Nova's key_pairs table from a file instead; - is standard input")
    .option('--user <id>', 'read the keypairs of this user only; may be given several times', collected, [])
    .option('--dry-run', 'tell what would be imported, and change nothing')
    .option('--strict', 'leave out keypairs that the strict key policy refuses')
    .action(async (_own: object, self: Command) => {
      const { importNova } = await import('./import-nova.js');
      return importNova(self.optsWithGlobals<ImportNovaOptions>());
    });
  addToHelp(
    command,
    [
      'Keypairs are read from the compute service of the cloud that the options in "latchkey --help" choose, signed in as an administrator; the users are those of its Keystone. They are written to the database of DATABASE_URL, or else to the embedded one in DATA_DIR, which no service may be using.',
      'A dump is CSV, the text of COPY or of "mysql --batch", or a script of pg_dump; columns that it does not name are those of nova_api.key_pairs in their order.',
      'Keys, fingerprints and times stay as they are; ids are new. What is there already stays, so the same command goes on after an interruption and may be repeated. Quotas do not hold it up, and count afterwards.',
      'The report lists keypairs that the strict policy refuses, those that cannot be read, and those whose name is taken by another key. The last two are not imported, and the exit status is then 1.',
    ],
    [
      ['see what would happen', 'latchkey --os-cloud nova import-nova --dry-run'],
      [
        'from a dump',
        'psql nova_api -c "\\copy key_pairs TO keys.csv CSV HEADER"\n  latchkey import-nova --dump keys.csv',
      ],
      ['a report for a spreadsheet', 'latchkey import-nova --dump keys.csv --dry-run -f json > report.json'],
    ],
  );
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
