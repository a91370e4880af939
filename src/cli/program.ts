import { addCompletionCommand } from './completion/completion-command.js';
import { EXIT_CODES_TEXT } from './cli-error.js';
import { Command } from './command.js';
import { addCredentialCommand } from './credential/credential-command.js';
import { addEventsCommand } from './events/events-command.js';
import { addGlobalOptions } from './global-options.js';
import { addGuestCommand } from './guest/guest-command.js';
import { addKeypairCommand } from './keypair/keypair-command.js';
import { addNovaCommands } from './keypair/nova-commands.js';
import { addCaCommand, addSshCertCommand } from './ssh-cert/ssh-cert-command.js';
import { addImportCommand, addRotateCommand, addServiceCommands } from './service/service-commands.js';
import { addUserCommand } from './service/user/user-command.js';
import { addWebhookCommand } from './webhook/webhook-command.js';

/** The version of the package. */
const VERSION = '0.1.0';

const AFTER = `
Credentials:
  An option takes precedence over its variable (--os-auth-url over
  OS_AUTH_URL), and a variable over clouds.yaml. That file is read from the
  working directory, ~/.config/openstack or /etc/openstack, or from
  OS_CLIENT_CONFIG_FILE; a secure.yaml beside it may hold the passwords.
  Prompts for the password if none is configured and stdin is a terminal.
  Other users of the machine can see options while a command runs: put
  passwords, secrets and tokens into a variable or a file.

${EXIT_CODES_TEXT}

Environment:
  OS_*      settings of the cloud
  NO_COLOR  print without colours
  COLUMNS   width of tables if the output is not a terminal

Examples:
  # the service on this machine, without credentials
  export OS_AUTH_TYPE=none OS_ENDPOINT=http://127.0.0.1:8774/v2.1
  latchkey keypair create laptop --private-key ~/.ssh/laptop
  # a cloud in clouds.yaml
  latchkey --os-cloud mycloud keypair list`;

/** All commands. Their actions load what they need when they run, so that the rest starts quickly. */
export function latchkeyProgram(): Command {
  const program = new Command('latchkey')
    .description('Keypairs for clouds: generate them, register them with Latchkey or any Nova, and run the service.')
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
  program.commandsGroup('Access:');
  addCredentialCommand(program);
  addSshCertCommand(program);
  addRotateCommand(addCaCommand(program));
  program.commandsGroup('Events:');
  addEventsCommand(program);
  addWebhookCommand(program);
  program.commandsGroup('Service:');
  addServiceCommands(program);
  addUserCommand(program);
  addImportCommand(program);
  program.commandsGroup('More:');
  addCompletionCommand(program);
  return program;
}
