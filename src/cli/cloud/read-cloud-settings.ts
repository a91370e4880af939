import { CliError, UsageError } from '../cli-error.js';
import {
  CLOUD_SETTING_NAMES,
  type CloudSettings,
  type CloudSettingName,
  toSnakeCase,
  wordsOf,
} from './cloud-settings.js';
import type { NamedCloud } from './clouds-yaml.js';

/** The options of the command line that are about the cloud: `osAuthUrl` and so on. */
export type CloudOptions = Readonly<Record<string, unknown>>;

/**
 * Puts the settings together as the OpenStack clients do: an option counts before a variable, and a variable before
 * clouds.yaml, where the cloud is named by `--os-cloud` or `OS_CLOUD`, or is the only one.
 */
export async function readCloudSettings(options: CloudOptions, environment: NodeJS.ProcessEnv): Promise<CloudSettings> {
  const given: Partial<Record<CloudSettingName, string>> = {};
  for (const name of CLOUD_SETTING_NAMES) {
    const value = optionValue(options, name) ?? variableValue(environment, name);
    if (value !== undefined) given[name] = value;
  }
  const complete = given.authUrl !== undefined || given.endpoint !== undefined;
  const cloud = given.cloud === undefined && complete ? undefined : await cloudOf(given.cloud, environment);
  const found: Record<string, string> = {};
  for (const name of CLOUD_SETTING_NAMES) {
    const value = given[name] ?? (cloud && fileValue(cloud, name));
    if (value !== undefined) found[name] = value;
  }
  if (found.authUrl === undefined && found.endpoint === undefined) throw noCloud();
  return { ...found, insecure: isInsecure(options, environment, cloud) };
}

// clouds.yaml needs a parser of YAML, which is loaded only where there may be a file.
async function cloudOf(name: string | undefined, environment: NodeJS.ProcessEnv): Promise<NamedCloud | undefined> {
  const { namedCloud } = await import('./clouds-yaml.js');
  return namedCloud(name, environment);
}

function optionValue(options: CloudOptions, name: CloudSettingName): string | undefined {
  const value = options[`os${name[0].toUpperCase()}${name.slice(1)}`];
  return typeof value === 'string' ? value : undefined;
}

function variableValue(environment: NodeJS.ProcessEnv, name: CloudSettingName): string | undefined {
  return wordsOf(name)
    .map((word) => environment[`OS_${word.toUpperCase()}`])
    .find(Boolean);
}

function fileValue({ auth, rest }: NamedCloud, name: CloudSettingName): string | undefined {
  for (const word of wordsOf(name)) {
    const value = auth[word] ?? rest[word];
    if (Array.isArray(value) && value.length > 0) return String(value[0]);
    if (['string', 'number', 'boolean'].includes(typeof value)) return String(value);
  }
  return undefined;
}

function isInsecure(options: CloudOptions, environment: NodeJS.ProcessEnv, cloud: NamedCloud | undefined): boolean {
  if (options.insecure === true || /^(1|true|yes|on)$/i.test(environment.OS_INSECURE ?? '')) return true;
  return cloud?.rest.verify === false || cloud?.rest.insecure === true;
}

function noCloud(): CliError {
  const words = [toSnakeCase('cloud'), toSnakeCase('authUrl')].map((word) => `OS_${word.toUpperCase()}`);
  return new UsageError(
    `No cloud is named: set ${words.join(' or ')}, or use --os-auth-type none --os-endpoint http://127.0.0.1:8774/v2.1 ` +
      'for a Latchkey on this machine.',
  );
}
