import { CliError, EXIT, Interrupted, UsageError } from '../cli-error.js';
import type { OptionsOf } from '../global-options.js';
import { printMessage } from '../output/print.js';
import { confirm } from '../prompt.js';
import type { KeypairStore } from './keypairs.js';
import { withKeypairs } from './open-keypairs.js';

export type DeleteOptions = OptionsOf<{ readonly user?: string; readonly shared?: boolean; readonly yes?: boolean }>;

/** Deletes keypairs by name or pattern. Failures are reported, and the other keypairs still deleted. */
export async function deleteKeypairs(words: readonly string[], options: DeleteOptions): Promise<void> {
  await withKeypairs(options, async (keypairs) => {
    const names = await namesFor(words, keypairs, options);
    const failures: CliError[] = [];
    for (const name of names) {
      try {
        await keypairs.delete(name);
        if (!options.quiet) printMessage(`Deleted ${name}.`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        failures.push(error);
      }
    }
    const [first, ...others] = failures;
    if (first === undefined) return;
    for (const each of others) printMessage(`latchkey: ${each.message}`);
    throw first;
  });
}

/** The names that the words stand for: `*`, `?` and `[...]` match as in a shell, after a confirmation. */
async function namesFor(words: readonly string[], keypairs: KeypairStore, options: DeleteOptions): Promise<string[]> {
  const patterns = words.filter(isPattern);
  if (patterns.length === 0) return [...new Set(words)];
  const { keypairs: all } = await keypairs.list({ allPages: true, ownOnly: true });
  const matched = patterns.flatMap((pattern) =>
    namesLike(
      pattern,
      all.map(({ name }) => name),
    ),
  );
  await confirmNames(matched, options);
  return [...new Set([...words.filter((word) => !isPattern(word)), ...matched])];
}

function isPattern(word: string): boolean {
  return /[*?[]/.test(word);
}

function namesLike(pattern: string, names: readonly string[]): string[] {
  const found = names.filter((name) => expression(pattern).test(name));
  if (found.length === 0) throw new CliError(`No keypair matches ${pattern}; nothing was deleted.`, EXIT.notFound);
  return found;
}

function expression(pattern: string): RegExp {
  const parts = pattern.match(/\[[!^]?[^\]]+\]|[\s\S]/g) ?? [];
  const source = parts.map((part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length === 1) return escape(part);
    const body = part.slice(1, -1).replaceAll('\\', '\\\\');
    return `[${body.replace(/^[!^]/, '^')}]`;
  });
  try {
    return new RegExp(`^${source.join('')}$`, 'su');
  } catch (cause) {
    throw new UsageError(`The pattern ${pattern} cannot be read.`, { cause });
  }
}

function escape(character: string): string {
  return character.replace(/[$()+./?[\\\]^{|}]/, '\\$&');
}

async function confirmNames(names: readonly string[], { yes, quiet }: DeleteOptions): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new UsageError(`${names.length} keypairs match: ${names.join(', ')}. Add --yes to delete them.`);
  }
  if (!quiet) for (const name of names) printMessage(`  ${name}`);
  if (!(await confirm(`Delete ${names.length === 1 ? 'this keypair' : `these ${names.length} keypairs`}?`))) {
    throw new Interrupted('Nothing was deleted.');
  }
}
