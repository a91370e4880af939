// Prints .env.example from the table of settings, or with --check reports whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { SETTINGS } from '../dist/src/config/config.js';

const FILE = '.env.example';
const WIDTH = 100;

/** Breaks a sentence into comment lines. */
function comment(text) {
  const lines = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines.join('\n');
}

const settings = Object.values(SETTINGS).map(
  ({ variable, description, fallback }) =>
    `${comment(description)}\n${fallback === undefined ? '# ' : ''}${variable}=${fallback ?? ''}\n`,
);
const text = `# Every setting of Latchkey with its default. Printed by "npm run generate".\n\n${settings.join('\n')}`;

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text);
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is out of date. Run "npm run generate".`);
  process.exit(1);
}
