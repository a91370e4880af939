import { Argument } from 'commander';
import type { Command } from '../command.js';
import { print } from '../output/print.js';
import { commandTree } from './command-tree.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .example('bash, in ~/.bashrc', 'source <(latchkey completion bash)')
    .example('zsh, in ~/.zshrc after compinit', 'source <(latchkey completion zsh)')
    .example('fish', 'latchkey completion fish > ~/.config/fish/completions/latchkey.fish')
    .action(async (shell: (typeof SHELLS)[number]) => print(await buildScript(shell, program)));
}

async function buildScript(shell: (typeof SHELLS)[number], program: Command): Promise<string> {
  const nodes = commandTree(program);
  switch (shell) {
    case 'bash':
      return (await import('./bash.js')).bashCompletion(nodes);
    case 'zsh':
      return (await import('./zsh.js')).zshCompletion(nodes);
    case 'fish':
      return (await import('./fish.js')).fishCompletion(nodes);
  }
}
