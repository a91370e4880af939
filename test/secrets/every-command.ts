import { commandTree } from '../../src/cli/completion/command-tree.js';
import { latchkeyProgram } from '../../src/cli/program.js';

const tree = commandTree(latchkeyProgram());

/** Every command of the program that does something itself, read from the program, so that a new one is included. */
export const EVERY_COMMAND: readonly string[] = tree
  .filter(({ children }) => children.length === 0)
  .map(({ path }) => path);

/** Options that may hold a secret, with their help. */
export const SECRET_OPTIONS = new Map(
  tree
    .flatMap(({ options }) => options)
    .filter(({ takesValue }) => takesValue)
    .flatMap(({ flags, description }) => flags.map((flag) => [flag, description] as const))
    .filter(([flag]) => /password|passphrase|secret|token/.test(flag)),
);
