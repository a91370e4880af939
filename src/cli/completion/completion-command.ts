import { Argument, type Command } from 'commander';
import { addToHelp } from '../help-text.js';
import { print } from '../output/print.js';
import { commandTree } from './command-tree.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function addCompletionCommand(program: Command): void {
  const command = program
    .command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => print(await buildScript(shell, program)));
  addToHelp(
    command,
    [],
    [
      ['bash, in ~/.bashrc', 'source <(latchkey completion bash)'],
      ['zsh, in ~/.zshrc after compinit', 'source <(latchkey completion zsh)'],
      ['fish', 'latchkey completion fish > ~/.config/fish/completions/latchkey.fish'],
    ],
  );
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
