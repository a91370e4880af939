import type { Command } from 'commander';
import { addToHelp, ASKS_CLOUD } from '../../help-text.js';
import { sharedOption, userOption } from '../keypair-options.js';
import { EXPIRES } from '../life/life-options.js';
import type { ImportKeysOptions } from './import-keys.js';

export function addImportKeysCommand(keypair: Command): void {
  const command = keypair
    .command('import')
    .description('import the SSH keys that a site, a file or the SSH agent has')
    .argument('<sources...>', 'gh:USER, gl:USER, lp:USER, an https URL, a file, - or agent:')
    .option('--prefix <text>', 'begin the names of the keypairs with this')
    .option('--select <list>', 'which keys: all (default), or numbers or fingerprints with commas between them')
    .option('--sync', 'delete what came from these sources before and is no longer there')
    .option('--yes', 'do not ask; without it the fingerprints are shown for confirmation')
    .option(...EXPIRES)
    .addOption(userOption())
    .addOption(sharedOption())
    .action(async (sources: string[], _own: object, self: Command) => {
      const { importKeys } = await import('./import-keys.js');
      return importKeys(sources, self.optsWithGlobals<ImportKeysOptions>());
    });
  addToHelp(
    command,
    [
      `gh: is GitHub, gl: GitLab, lp: Launchpad; agent: has all keys of the SSH agent, agent:COMMENT or agent:SHA256:... one of
them. Files and standard input have a key a line, or LDIF with sshPublicKey, as ldapsearch prints it.`,
      `Each key is judged by itself, and one that is refused stops no other. A keypair is named after its source, algorithm and
key, as in alice-ed25519-0a1b2c3d, and tagged with source, so that the command may be repeated.`,
      'Only Latchkey has the tags; for a Nova use "latchkey keypair create".',
      ASKS_CLOUD,
    ],
    [
      ['the keys of a colleague', 'latchkey keypair import gh:alice'],
      ['of a directory', 'ldapsearch -LLL uid=alice sshPublicKey | latchkey keypair import - --prefix alice- --yes'],
    ],
  );
}
