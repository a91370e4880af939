import type { Caller, Permissions, Target } from '../domain/caller.js';

/** Whether a caller may act on a target. */
export type Check = (caller: Caller, target: Target) => boolean;

/** Rules that cannot be used, a line each. */
export class InvalidRules extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidRules';
  }
}

/** Maximum number of checks in a rule and the rules it refers to, which bounds what a request costs. */
const MAX_CHECKS = 1000;
/** Maximum depth of references and of parentheses. */
const MAX_DEPTH = 50;

/** A parenthesis, or a check: one may hold parentheses after a percent sign. */
const WORD = /[()]|(?:%\([^\s()]*\)|[^\s()])+/g;

/**
 * Rules in oslo.policy's form, compiled once: `role:NAME`, `rule:NAME`, `user_id:%(user_id)s`, `user_id:%(created_by)s`,
 * `project_id:%(project_id)s`,
 * `@` (every caller, as is an empty rule) and `!` (no caller), with `not`, `and`, `or` and parentheses.
 */
export class Rules implements Permissions {
  private readonly checks = new Map<string, Check>();
  private readonly costs = new Map<string, number>();

  /** Compiles the named rules and whatever these refer to. Throws {@link InvalidRules}. */
  constructor(
    private readonly texts: Readonly<Record<string, string>>,
    names: readonly string[],
  ) {
    const problems: string[] = [];
    for (const name of names) {
      try {
        this.compile(name, []);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length > 0) throw new InvalidRules([...new Set(problems)]);
  }

  /** Whether a rule allows the caller to act on the target. A rule that was not compiled allows nothing. */
  allows(name: string, caller: Caller, target: Target): boolean {
    return this.checks.get(name)?.(caller, target) ?? false;
  }

  /** A rule as it is written. */
  text(name: string): string | undefined {
    return this.texts[name];
  }

  /** The names of the given rules that none of the compiled ones needs. */
  unused(): string[] {
    return Object.keys(this.texts).filter((name) => !this.checks.has(name));
  }

  private compile(name: string, within: readonly string[]): Check {
    const known = this.checks.get(name);
    if (known) return known;
    if (within.includes(name)) throw new SyntaxError(`rule ${name} refers to itself`);
    if (within.length > MAX_DEPTH) throw new SyntaxError(`rule ${within[0]} refers to others too deeply`);
    const text = Object.hasOwn(this.texts, name) ? this.texts[name] : undefined;
    if (text === undefined) throw new SyntaxError(`rule ${within.at(-1)} refers to ${name}, which there is not`);
    const words = text.match(WORD) ?? [];
    let cost = words.length;
    const check = parse(name, words, (other) => {
      const found = this.compile(other, [...within, name]);
      cost += this.costs.get(other)!;
      return found;
    });
    if (cost > MAX_CHECKS) throw new SyntaxError(`rule ${name} needs more than ${MAX_CHECKS} checks`);
    this.checks.set(name, check);
    this.costs.set(name, cost);
    return check;
  }
}

/** Throws SyntaxError. */
function parse(name: string, words: readonly string[], ruleNamed: (name: string) => Check): Check {
  if (words.length === 0) return () => true;
  let position = 0;
  let depth = 0;
  const syntaxError = (what: string): SyntaxError => new SyntaxError(`rule ${name} cannot be read: ${what}`);

  const isNext = (word: string): boolean => {
    if (words[position]?.toLowerCase() !== word) return false;
    position += 1;
    return true;
  };
  const parseOr = (): Check => {
    let left = parseAnd();
    while (isNext('or')) left = or(left, parseAnd());
    return left;
  };
  const parseAnd = (): Check => {
    let left = parseNot();
    while (isNext('and')) left = and(left, parseNot());
    return left;
  };
  const parseNot = (): Check => {
    if (depth >= MAX_DEPTH) throw syntaxError('it nests too deeply');
    depth += 1;
    const check = parseOperand();
    depth -= 1;
    return check;
  };
  const parseOperand = (): Check => {
    if (isNext('not')) {
      const check = parseNot();
      return (caller, target) => !check(caller, target);
    }
    if (isNext('(')) {
      const check = parseOr();
      if (!isNext(')')) throw syntaxError('a parenthesis is not closed');
      return check;
    }
    const word = words[position];
    if (word === undefined) throw syntaxError('it ends too soon');
    position += 1;
    const check = parseCheck(word, ruleNamed);
    if (!check)
      throw syntaxError(
        `${word} is not among role:NAME, rule:NAME, user_id:%(user_id)s, user_id:%(created_by)s, project_id:%(project_id)s`,
      );
    return check;
  };

  const whole = parseOr();
  if (position < words.length) throw syntaxError(`${words[position]} is one word too many`);
  return whole;
}

function parseCheck(word: string, ruleNamed: (name: string) => Check): Check | undefined {
  if (word === '@') return () => true;
  if (word === '!') return () => false;
  if (word === 'user_id:%(created_by)s')
    return (caller, { createdBy }) => createdBy !== undefined && caller.userId === createdBy;
  if (word === 'user_id:%(user_id)s') return (caller, { userId }) => caller.userId === userId;
  if (word === 'project_id:%(project_id)s') {
    return (caller, { projectId }) => caller.projectId !== undefined && caller.projectId === projectId;
  }
  const [, kind, name] = /^(role|rule):([^%()]+)$/.exec(word) ?? [];
  if (kind === 'rule') return ruleNamed(name);
  if (kind !== 'role') return undefined;
  // oslo.policy compares roles without regard to case.
  const role = name.toLowerCase();
  return (caller) => caller.roles.some((each) => each.toLowerCase() === role);
}

const and =
  (left: Check, right: Check): Check =>
  (caller, target) =>
    left(caller, target) && right(caller, target);

const or =
  (left: Check, right: Check): Check =>
  (caller, target) =>
    left(caller, target) || right(caller, target);
