import type { Command } from 'commander';
import { addCheckCommand } from './check-command.js';
import { addCreateCommand } from './create-command.js';
import { addDeleteCommand } from './delete-command.js';
import { addLifeCommands } from './life/life-commands.js';
import { addListCommand } from './list-command.js';
import { addShowCommand } from './show-command.js';
import { addImportKeysCommand } from './sources/import-command.js';

export function addKeypairCommand(program: Command): void {
  const keypair = program.command('keypair').description('generate, register and manage keypairs');
  addCreateCommand(keypair);
  addListCommand(keypair);
  addShowCommand(keypair);
  addDeleteCommand(keypair);
  addImportKeysCommand(keypair);
  addLifeCommands(keypair);
  addCheckCommand(keypair);
}
