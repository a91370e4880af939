import { UsageError } from './cli-error.js';

/** The values of an option that is written NAME=VALUE. Throws UsageError. */
export function readPairs(option: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map((text) => pair(option, text)));
}

function pair(option: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`${option} must be written like NAME=VALUE.`);
}
