/**
 * A number whose Python spelling differs from JavaScript's (`1.0`, `1e3`, `NaN`, integers past 2^53). Kept apart so that
 * messages can show what Nova shows; no field takes one.
 */
export class PythonNumber {
  constructor(readonly shown: string) {}
}

const WHITESPACE = /[ \t\n\r]*/y;
// Strings without escapes or control characters end at the next quote; JSON.parse reads the rest.
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /NaN|-?Infinity|true|false|null/y;
const WORDS: Record<string, unknown> = {
  NaN: new PythonNumber('nan'),
  Infinity: new PythonNumber('inf'),
  '-Infinity': new PythonNumber('-inf'),
  true: true,
  false: false,
  null: null,
};
/** Deeper bodies are refused: no shape is deeper than four, and each level costs stack. */
const DEEPEST = 64;

/**
 * Reads JSON as Python's json module does: NaN and Infinity are numbers, and of a property written twice the last counts.
 * Objects have no prototype, so `__proto__` is a property like any other. Throws SyntaxError.
 */
export function readJson(text: string): unknown {
  let at = 0;

  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const skip = (): string | undefined => {
    take(WHITESPACE);
    return text[at];
  };
  const expect = (character: string): void => {
    if (skip() !== character) throw new SyntaxError(`no ${character} at ${at}`);
    at += 1;
  };
  const string = (): string => {
    const found = take(STRING);
    if (!found) throw new SyntaxError(`no string at ${at}`);
    return found[0].includes('\\') ? (JSON.parse(found[0]) as string) : found[0].slice(1, -1);
  };
  const members = (close: string, member: () => void): void => {
    at += 1;
    if (skip() === close) {
      at += 1;
      return;
    }
    for (;;) {
      member();
      if (skip() === close) {
        at += 1;
        return;
      }
      expect(',');
      skip();
    }
  };
  const value = (depth: number): unknown => {
    if (depth > DEEPEST) throw new SyntaxError('nested too deeply');
    const next = skip();
    if (next === '"') return string();
    if (next === '{') {
      const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      members('}', () => {
        const name = string();
        expect(':');
        object[name] = value(depth + 1);
      });
      return object;
    }
    if (next === '[') {
      const array: unknown[] = [];
      members(']', () => array.push(value(depth + 1)));
      return array;
    }
    const word = take(WORD);
    if (word) return WORDS[word[0]];
    const number = take(NUMBER);
    if (!number) throw new SyntaxError(`no value at ${at}`);
    return pythonNumber(number[0], number[1] !== undefined || number[2] !== undefined);
  };

  const whole = value(0);
  if (skip() !== undefined) throw new SyntaxError(`more after the value at ${at}`);
  return whole;
}

function pythonNumber(written: string, isFloat: boolean): number | PythonNumber {
  const number = Number(written);
  if (!isFloat) return Number.isSafeInteger(number) ? number : new PythonNumber(written);
  const shown = String(number);
  // A float is no integer, however whole it is: 1e3 is 1000.0, and 1e308 is 1e+308.
  return Number.isInteger(number) ? new PythonNumber(shown.includes('e') ? shown : `${shown}.0`) : number;
}
