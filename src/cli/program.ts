import { Command } from 'commander';
import { addCompletionCommand } from './completion/completion-command.js';
import { EXIT_CODES_TEXT } from './exit-codes.js';
import { addGlobalOptions } from './global-options.js';
import { addGuestCommand } from './guest/guest-command.js';
import { addImportCommand } from './service/import-nova/import-command.js';
import { addKeypairCommand } from './keypair/keypair-command.js';
import { addNovaCommands } from './keypair/nova-commands.js';
import { addServiceCommands } from './service/service-commands.js';
import { addUserCommand } from './service/user/user-command.js';
import { VERSION } from './version.js';

const AFTER = `
Credentials:
  An option counts before the variable of its name (--os-auth-url before
  OS_AUTH_URL), and a variable before clouds.yaml. That file is looked for in
  the directory, in ~/.config/openstack and in /etc/openstack, or is named by
  OS_CLIENT_CONFIG_FILE; passwords may stand in a secure.yaml beside it. A
  password that is told nowhere is asked for. Others on the machine can see
  options while a command runs: passwords, secrets and tokens are better in a
  variable or in a file.

${EXIT_CODES_TEXT}

Environment:
  OS_*      the settings of the cloud
  NO_COLOR  do not colour anything
  COLUMNS   width of tables where the output is no terminal

Examples:
  # the service on this machine, without credentials
  export OS_AUTH_TYPE=none OS_ENDPOINT=http://127.0.0.1:8774/v2.1
  latchkey keypair create laptop --private-key ~/.ssh/laptop
  # a cloud in clouds.yaml
  latchkey --os-cloud mycloud keypair list`;

/** All commands. Their actions load what they need when they run, so that the rest starts quickly. */
export function latchkeyProgram(): Command {
  const program = new Command('latchkey')
    .description('Keypairs for clouds: makes them, registers them with Latchkey or any Nova, and runs the service.')
    .usage('[options] <command> ...')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help for a command')
    .exitOverride()
    // Errors are written in one place, as one line: see latchkey.ts.
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', AFTER);
  addGlobalOptions(program);
  program.commandsGroup('Keypairs:');
  addKeypairCommand(program);
  program.commandsGroup("novaclient's spellings:");
  addNovaCommands(program);
  program.commandsGroup('Guests:');
  addGuestCommand(program);
  program.commandsGroup('Service:');
  addServiceCommands(program);
  addUserCommand(program);
  addImportCommand(program);
  program.commandsGroup('More:');
  addCompletionCommand(program);
  return program;
}
