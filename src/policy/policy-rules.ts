import type { Caller, Permissions, Target } from '../domain/caller.js';

/** Says whether a caller may. */
export type Check = (caller: Caller, target: Target) => boolean;

/** Rules that cannot be used, a line each. */
export class InvalidRules extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidRules';
  }
}

/** Checks of a rule with those that it refers to: what a request may cost. Rules may also refer to others, or nest, this deeply. */
const MAX_CHECKS = 1000;
const MAX_DEPTH = 50;

/** A parenthesis, or a check: one may hold parentheses after a percent sign. */
const WORD = /[()]|(?:%\([^\s()]*\)|[^\s()])+/g;

/**
 * Rules in oslo.policy's form, compiled once: `role:NAME`, `rule:NAME`, `user_id:%(user_id)s`, `project_id:%(project_id)s`,
 * `@` (everybody, as is an empty rule) and `!` (nobody), with `not`, `and`, `or` and parentheses.
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
        this.compiled(name, []);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length > 0) throw new InvalidRules([...new Set(problems)]);
  }

  /** Whether a rule lets a caller. One that was not compiled lets nobody. */
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

  private compiled(name: string, within: readonly string[]): Check {
    const known = this.checks.get(name);
    if (known) return known;
    if (within.includes(name)) throw new SyntaxError(`rule ${name} refers to itself`);
    if (within.length > MAX_DEPTH) throw new SyntaxError(`rule ${within[0]} refers to others too deeply`);
    const text = Object.hasOwn(this.texts, name) ? this.texts[name] : undefined;
    if (text === undefined) throw new SyntaxError(`rule ${within.at(-1)} refers to ${name}, which there is not`);
    const words = text.match(WORD) ?? [];
    let cost = words.length;
    const check = parsed(name, words, (other) => {
      const found = this.compiled(other, [...within, name]);
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
function parsed(name: string, words: readonly string[], ruleNamed: (name: string) => Check): Check {
  if (words.length === 0) return () => true;
  let at = 0;
  let depth = 0;
  const wrong = (what: string): SyntaxError => new SyntaxError(`rule ${name} cannot be read: ${what}`);

  const isNext = (word: string): boolean => {
    if (words[at]?.toLowerCase() !== word) return false;
    at += 1;
    return true;
  };
  const either = (): Check => {
    let left = both();
    while (isNext('or')) left = or(left, both());
    return left;
  };
  const both = (): Check => {
    let left = one();
    while (isNext('and')) left = and(left, one());
    return left;
  };
  const one = (): Check => {
    if (depth >= MAX_DEPTH) throw wrong('it nests too deeply');
    depth += 1;
    const check = unnested();
    depth -= 1;
    return check;
  };
  const unnested = (): Check => {
    if (isNext('not')) {
      const check = one();
      return (caller, target) => !check(caller, target);
    }
    if (isNext('(')) {
      const check = either();
      if (!isNext(')')) throw wrong('a parenthesis is not closed');
      return check;
    }
    const word = words[at];
    if (word === undefined) throw wrong('it ends too soon');
    at += 1;
    const check = single(word, ruleNamed);
    if (!check)
      throw wrong(`${word} is not among role:NAME, rule:NAME, user_id:%(user_id)s, project_id:%(project_id)s`);
    return check;
  };

  const whole = either();
  if (at < words.length) throw wrong(`${words[at]} is one word too many`);
  return whole;
}

function single(word: string, ruleNamed: (name: string) => Check): Check | undefined {
  if (word === '@') return () => true;
  if (word === '!') return () => false;
  if (word === 'user_id:%(user_id)s') return (caller, { userId }) => caller.userId === userId;
  if (word === 'project_id:%(project_id)s') {
    return (caller, { projectId }) => caller.projectId !== undefined && caller.projectId === projectId;
  }
  const [, kind, name] = /^(role|rule):([^%()]+)$/.exec(word) ?? [];
  if (kind === 'rule') return ruleNamed(name);
  if (kind !== 'role') return undefined;
  // oslo.policy compares roles without regard to case.
  const wanted = name.toLowerCase();
  return (caller) => caller.roles.some((role) => role.toLowerCase() === wanted);
}

const and =
  (left: Check, right: Check): Check =>
  (caller, target) =>
    left(caller, target) && right(caller, target);

const or =
  (left: Check, right: Check): Check =>
  (caller, target) =>
    left(caller, target) || right(caller, target);
