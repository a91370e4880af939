import type { Command } from 'commander';

/** An example: what it does, and how it is written. */
export type Example = readonly [description: string, command: string];

/** As wide as commander's own part of the help is where it does not know better. */
const WIDTH = 80;

/** What follows the options in the help of a command: paragraphs, and examples. */
export function addToHelp(command: Command, paragraphs: readonly string[], examples: readonly Example[] = []): void {
  const parts = paragraphs.map((paragraph) => command.createHelp().boxWrap(paragraph.replaceAll(/\s+/g, ' '), WIDTH));
  if (examples.length > 0) {
    parts.push(
      ['Examples:', ...examples.map(([description, written]) => `  # ${description}\n  ${written}`)].join('\n'),
    );
  }
  command.addHelpText('after', `\n${parts.join('\n\n')}`);
}

/** For commands that ask a cloud. */
export const ASKS_CLOUD = 'The cloud and the output are chosen with the options in "latchkey --help".';
