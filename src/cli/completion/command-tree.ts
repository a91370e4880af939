import type { Command, Option } from 'commander';

/** A command as completion sees it. */
export interface CommandNode {
  /** The words that lead to it, without the program's own name: `keypair create`. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  /** Whether it takes arguments of its own, which may be files. */
  readonly hasArguments: boolean;
}

export interface OptionNode {
  /** `--type`, and the short form where there is one. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Whether a value follows. */
  readonly takesValue: boolean;
  /** The values that it takes, where they are few. */
  readonly choices: readonly string[];
}

/** All commands below a program, itself first with an empty path. */
export function commandTree(program: Command): CommandNode[] {
  return nodesBelow(program, []);
}

function nodesBelow(command: Command, path: readonly string[]): CommandNode[] {
  const children = command.commands.filter((each) => each.name() !== 'help');
  const node: CommandNode = {
    path: path.join(' '),
    children: children.map((each) => ({ name: each.name(), description: each.description() })),
    options: [...command.options.map(optionNode), HELP],
    hasArguments: command.registeredArguments.length > 0,
  };
  return [node, ...children.flatMap((each) => nodesBelow(each, [...path, each.name()]))];
}

const HELP: OptionNode = {
  flags: ['--help', '-h'],
  description: 'show help for a command',
  takesValue: false,
  choices: [],
};

function optionNode({ long, short, description, required, argChoices }: Option): OptionNode {
  return {
    flags: [long, short].filter((flag) => flag !== undefined && flag !== null),
    description,
    takesValue: required,
    choices: argChoices ?? [],
  };
}
