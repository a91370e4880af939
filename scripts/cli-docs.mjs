// Prints docs/cli.md from the help texts of the command line, or with --check reports whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { latchkeyProgram } from '../dist/src/cli/program.js';

const FILE = 'docs/cli.md';

/** The help of a command and of all commands below it, a section each. */
function sections(command, words) {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 });
  command.outputHelp();
  const children = command.commands.filter((each) => each.name() !== 'help');
  const section = `## ${words.join(' ')}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`;
  return [section, ...children.flatMap((each) => sections(each, [...words, each.name()]))];
}

const text = [
  '# The command line\n',
  'The output of `--help` of every command. Printed by "npm run generate".\n',
  ...sections(latchkeyProgram(), ['latchkey']),
].join('\n');

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is out of date. Run "npm run generate".`);
  process.exit(1);
}
