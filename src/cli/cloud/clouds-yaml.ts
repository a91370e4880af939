import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../cli-error.js';

type Mapping = Readonly<Record<string, unknown>>;

/** A cloud of clouds.yaml: the keys under `auth`, and the others. */
export interface NamedCloud {
  readonly auth: Mapping;
  readonly rest: Mapping;
}

/**
 * A cloud of clouds.yaml with its secrets from secure.yaml. Without a name it is the only one in the file; undefined where
 * there is no file, or not just one cloud in it. Throws CliError when a cloud is named that is not there.
 */
export function namedCloud(name: string | undefined, environment: NodeJS.ProcessEnv): NamedCloud | undefined {
  const file = firstFile('clouds', 'OS_CLIENT_CONFIG_FILE', environment);
  if (file === undefined) {
    if (name === undefined) return undefined;
    throw new UsageError(
      `The cloud "${name}" is named, but there is no clouds.yaml in ${directories(environment).join(', ')}.`,
    );
  }
  const secrets = firstFile('secure', 'OS_CLIENT_SECURE_FILE', environment);
  const clouds = merge(cloudsIn(file), secrets === undefined ? {} : cloudsIn(secrets));
  const names = Object.keys(clouds);
  const chosen = name ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined) return undefined;
  if (!isMapping(clouds[chosen])) {
    throw new UsageError(`There is no cloud "${chosen}" in ${file}; it has ${names.join(', ') || 'none'}.`);
  }
  const { auth, ...rest } = clouds[chosen];
  return { auth: isMapping(auth) ? auth : {}, rest };
}

/** The standard search path of the OpenStack clients. */
function directories(environment: NodeJS.ProcessEnv): string[] {
  const home = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config');
  return ['.', join(home, 'openstack'), '/etc/openstack'];
}

function firstFile(stem: string, variable: string, environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment[variable];
  if (named) {
    if (existsSync(named)) return named;
    // The variable may hold the content in place of a path, by a mistake common in pipelines.
    throw new UsageError(`There is no file of the name that ${variable} holds.`);
  }
  const names = ['yaml', 'yml', 'json'].map((ending) => `${stem}.${ending}`);
  return directories(environment)
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((path) => existsSync(path));
}

function cloudsIn(file: string): Mapping {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    // The parser quotes the line, which may hold a password.
    throw new UsageError(`${file} cannot be read: it is not well-formed YAML, or not readable.`, { cause });
  }
  const clouds = isMapping(content) ? content.clouds : undefined;
  return isMapping(clouds) ? clouds : {};
}

function merge(base: Mapping, over: Mapping): Mapping {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = result[key];
    result[key] = isMapping(before) && isMapping(value) ? merge(before, value) : value;
  }
  return result;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
