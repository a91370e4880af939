import { type Command, Option } from 'commander';
import { UsageError } from './cli-error.js';
import { CLOUD_SETTINGS, CLOUD_SETTING_NAMES, optionOf } from './cloud/cloud-settings.js';

/** How results are written. */
const FORMATS = ['table', 'json', 'yaml', 'value'] as const;
type Format = (typeof FORMATS)[number];

/** The options that every command takes, before or after its own. Those of the cloud are `osAuthUrl` and so on. */
export interface GlobalOptions {
  readonly format?: Format;
  readonly column?: readonly string[];
  readonly quiet?: boolean;
  readonly debug?: boolean;
  readonly insecure?: boolean;
  readonly [cloudOption: `os${string}`]: unknown;
}

/** The options of a command, with those that stand before it. */
export type OptionsOf<Own extends object> = GlobalOptions & Own;

export function addGlobalOptions(program: Command): void {
  program
    .optionsGroup('Output:')
    .addOption(new Option('-f, --format <format>', 'how results are written (default: table)').choices(FORMATS))
    .option('-c, --column <name>', 'show only this column; may be repeated', collect)
    .option('-q, --quiet', 'print only results and errors')
    .option('--debug', 'show requests and responses on standard error, with secrets masked');
  program.optionsGroup('Cloud:');
  for (const name of CLOUD_SETTING_NAMES) {
    const { value, description } = CLOUD_SETTINGS[name];
    program.option(`${optionOf(name)} <${value}>`, description);
  }
  program.option('--insecure', 'accept any certificate of the service; for tests only');
}

/** Reads an option that may be repeated; undefined if it is not given. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** An option that may be repeated. */
export function severalOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(collect);
}

/** The values of an option that is written NAME=VALUE. Throws UsageError. */
export function readPairs(option: string, texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new UsageError(`${option} must be written like NAME=VALUE.`);
    }),
  );
}
