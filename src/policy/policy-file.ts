import { readFileSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { parseDocument } from 'yaml';
import { InvalidConfig } from '../config/config.js';
import { DEFAULT_RULES, rulesWith } from './policy.js';
import { InvalidRules, type Rules } from './policy-rules.js';

/** The policy with the rules of a file in place of the built-in ones; no file changes nothing. Throws InvalidConfig. */
export function policyOf(path: string | undefined): Rules {
  if (path === undefined) return DEFAULT_RULES;
  try {
    const rules = rulesWith(readRules(readFileSync(path, 'utf8')));
    // Files of a whole Nova have more rules than are used here, and so do files with a misspelt name.
    const unused = rules.unused();
    if (unused.length > 0) new Logger('Policy').warn(`These rules of POLICY_FILE are not used: ${unused.join(', ')}`);
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
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) {
    throw new InvalidRules(document.errors.map(({ code, pos: [at] }) => `it is no YAML: ${code} at ${at}`));
  }
  const value = (document.toJS() ?? {}) as unknown;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRules(['it must be a mapping of names to rules']);
  }
  const wrong = Object.entries(value).filter(([, rule]) => typeof rule !== 'string');
  if (wrong.length > 0) throw new InvalidRules(wrong.map(([name]) => `rule ${name} must be a text`));
  return value as Record<string, string>;
}
