import { CommanderError } from 'commander';
import { holdsPrivateKey } from '../key-formats/holds-private-key.js';
import { keepMemoryOutOfCoreFiles } from '../files/core-files.js';
import { CliError, EXIT, type ExitCode, UsageError } from './cli-error.js';
import { mask } from './output/masked.js';
import { printable, red } from './output/print.js';
import { latchkeyProgram } from './program.js';

// A closed pipe is handled where the output is written.
process.stdout.on('error', () => undefined);

// Passwords, and private keys that are made here.
keepMemoryOutOfCoreFiles();

const program = latchkeyProgram();
try {
  const words = process.argv.slice(2);
  refusePrivateKeys(words);
  await program.parseAsync(withDashes(words), { from: 'user' });
} catch (error) {
  const { message, exitCode } = explain(error);
  if (message !== undefined) process.stderr.write(`${red('latchkey:', process.stderr)} ${printable(message)}\n`);
  process.exit(exitCode);
}

/** Refuses arguments with a private key in place of its file name, which other users of the machine can see already. */
function refusePrivateKeys(words: readonly string[]): void {
  if (!words.some((word) => holdsPrivateKey(word.replace(/^--[\w-]+=/, '')))) return;
  throw new UsageError(
    'An argument holds a private key, and nothing was done; name the file that it is in. Others on this machine can see ' +
      'arguments: better make a new pair.',
  );
}

/** novaclient reads --pub_key as --pub-key. */
function withDashes(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, at) => {
    if (!word.startsWith('--') || (end >= 0 && at >= end)) return word;
    const [option, ...value] = word.split('=');
    return [option.replaceAll('_', '-'), ...value].join('=');
  });
}

function explain(error: unknown): { readonly message?: string; readonly exitCode: ExitCode } {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { exitCode: EXIT.done };
    // Without a subcommand its help was shown already.
    if (error.code === 'commander.help') return { exitCode: EXIT.usage };
    return { message: usageMessage(error), exitCode: EXIT.usage };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EPIPE') return { exitCode: EXIT.failed };
  return {
    message: `Something unforeseen went wrong: ${mask(message).replaceAll(/\s+/g, ' ')}`,
    exitCode: EXIT.failed,
  };
}

/** A usage error on one line, without words that may be a password in the wrong place. */
function usageMessage({ code, message }: CommanderError): string {
  const text = redact(code, message.replace(/^error: /, '')).replaceAll(/\s+/g, ' ');
  return `${text}${/[.)]$/.test(text) ? '' : '.'} See --help.`;
}

function redact(code: string, message: string): string {
  // The value of an option that is misspelt, or takes none.
  if (code === 'commander.unknownOption') return message.replace(/=[^]*'/, "'");
  // A word that is like no command may be the second one of a password that lacks its quotes.
  if (code === 'commander.unknownCommand' && !message.includes('Did you mean')) return 'unknown command';
  return message;
}
