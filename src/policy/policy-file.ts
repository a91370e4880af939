import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { type Config, InvalidConfig } from '../config/config.js';
import { excerpt } from '../domain/excerpt.js';
import { readYaml } from '../files/yaml.js';
import { type GuestMode, rulesWith } from './policy.js';
import { InvalidRules, type Rules } from './policy-rules.js';

/** The policy with the rules of a file in place of the built-in ones; no file changes nothing. Throws InvalidConfig. */
export function policyOf(path: string | undefined, mode: GuestMode = 'own'): Rules {
  try {
    const rules = rulesWith(path === undefined ? {} : readRules(readFileSync(path, 'utf8')), mode);
    // A file for a whole Nova has rules that are not used here; so has a file with a misspelt name.
    const unused = rules.unused();
    if (unused.length > 0)
      new Logger('Policy').warn(`These rules of POLICY_FILE are not used: ${excerpt(unused.join(', '))}`);
    return rules;
  } catch (error) {
    if (error instanceof InvalidRules) throw new InvalidConfig(error.problems.map((each) => `POLICY_FILE: ${each}.`));
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new InvalidConfig([`POLICY_FILE cannot be read (${code}).`]);
  }
}

/** Throws InvalidRules. */
function readRules(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = readYaml(text) ?? {};
  } catch (error) {
    throw new InvalidRules((error as Error).message.split('\n').map((each) => `it ${each}`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRules(['it must be a mapping of names to rules']);
  }
  const wrong = Object.entries(value).filter(([, rule]) => typeof rule !== 'string');
  if (wrong.length > 0) throw new InvalidRules(wrong.map(([name]) => `rule ${name} must be a text`));
  return value as Record<string, string>;
}

/** Neutron identifies an instance by its project, so with it the members of the project may use its guests. */
export function guestMode({ metadataMode }: Config): GuestMode {
  return metadataMode === 'neutron' ? 'project' : 'own';
}
