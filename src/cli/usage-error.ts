import type { CommanderError } from 'commander';

/** A usage error on one line, without words that may be a password in the wrong place. */
export function usageMessage({ code, message }: CommanderError): string {
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
