/**
 * A number whose Python spelling differs from JavaScript's (`1.0`, `1e3`, `NaN`, integers past 2^53). Kept apart so that
 * messages can show what Nova shows; no field takes one.
 */
export class PythonNumber {
  constructor(readonly shown: string) {}
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /NaN|-?Infinity|true|false|null/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['NaN', new PythonNumber('nan')],
  ['Infinity', new PythonNumber('inf')],
  ['-Infinity', new PythonNumber('-inf')],
  ['true', true],
  ['false', false],
  ['null', null],
]);
/** Deeper bodies are refused: no shape is deeper than four, and each level costs stack. */
const MAX_DEPTH = 64;
/** Bodies of more values are refused: 114 KB may hold fifty thousand objects, each of which costs a microsecond. */
const MAX_VALUES = 10_000;

/**
 * What JSON objects are made as. Nothing is inherited, so `__proto__` is a property like any other; V8 makes these several times
 * as fast as objects whose prototype is null.
 */
class JsonObject {
  [name: string]: unknown;
}
Object.setPrototypeOf(JsonObject.prototype, null);
delete (JsonObject.prototype as { constructor?: unknown }).constructor;
Object.freeze(JsonObject.prototype);

/** Whether a value was read from `{...}`. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> => value instanceof JsonObject;

/**
 * Reads JSON as Python's json module does: NaN and Infinity are numbers, and of a property written twice the last counts.
 * Throws SyntaxError.
 */
export function readJson(text: string): unknown {
  let at = 0;
  let values = 0;

  // A body may hold fifty thousand values. What is most frequent is read without a pattern: that is ten times as fast.
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) throw new SyntaxError(`no value at ${at}`);
    const found = text.slice(at, pattern.lastIndex);
    at = pattern.lastIndex;
    return found;
  };
  /** Skips white space, and returns the code of the next character; NaN at the end. */
  const skip = (): number => {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
      at += 1;
    }
  };
  const expect = (code: number): void => {
    if (skip() !== code) throw new SyntaxError(`no ${String.fromCharCode(code)} at ${at}`);
    at += 1;
  };
  const string = (): string => {
    for (let end = at + 1; ; end += 1) {
      const code = text.charCodeAt(end);
      if (code === QUOTE && text.charCodeAt(at) === QUOTE) {
        const inside = text.slice(at + 1, end);
        at = end + 1;
        return inside;
      }
      if (code === BACKSLASH || !(code >= 0x20)) return JSON.parse(take(STRING)) as string;
    }
  };
  const number = (): number | PythonNumber => {
    let end = at;
    let whole = 0;
    while (isDigit(text.charCodeAt(end)) && end - at < 15) whole = whole * 10 + text.charCodeAt(end++) - ZERO;
    const code = text.charCodeAt(end);
    const isPlain = end > at && !(text.charCodeAt(at) === ZERO && end > at + 1) && !isDigit(code);
    if (!isPlain || code === 0x2e || code === 0x65 || code === 0x45) return pythonNumber(take(NUMBER));
    at = end;
    return whole;
  };
  /** Skips to the next member, or past the end. Returns whether there is a member. */
  const hasMember = (close: number, isFirst: boolean): boolean => {
    if (isFirst) at += 1;
    const code = skip();
    if (code === close) at += 1;
    else if (!isFirst) {
      expect(COMMA);
      skip();
    }
    return code !== close;
  };
  const object = (depth: number): object => {
    const members = new JsonObject();
    for (let isFirst = true; hasMember(BRACE + 2, isFirst); isFirst = false) {
      const name = string();
      expect(COLON);
      members[name] = value(depth);
    }
    return members;
  };
  const array = (depth: number): unknown[] => {
    const members: unknown[] = [];
    for (let isFirst = true; hasMember(BRACKET + 2, isFirst); isFirst = false) members.push(value(depth));
    return members;
  };
  const value = (depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new SyntaxError('nested too deeply');
    values += 1;
    if (values > MAX_VALUES) throw new SyntaxError('too many values');
    const code = skip();
    if (code === QUOTE) return string();
    if (code === BRACE) return object(depth + 1);
    if (code === BRACKET) return array(depth + 1);
    const isNumber = isDigit(code) || (code === MINUS && isDigit(text.charCodeAt(at + 1)));
    return isNumber ? number() : WORDS.get(take(WORD));
  };

  const whole = value(0);
  if (!Number.isNaN(skip())) throw new SyntaxError(`more after the value at ${at}`);
  return whole;
}

const [QUOTE, BACKSLASH, BRACE, BRACKET, COMMA, COLON, MINUS, ZERO] = Array.from('"\\{[,:-0', (each) =>
  each.charCodeAt(0),
);
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

function pythonNumber(written: string): number | PythonNumber {
  const number = Number(written);
  if (!/[.eE]/.test(written)) return Number.isSafeInteger(number) ? number : new PythonNumber(written);
  const shown = String(number);
  // A float is no integer, however whole it is: 1e3 is 1000.0, and 1e308 is 1e+308.
  return Number.isInteger(number) ? new PythonNumber(shown.includes('e') ? shown : `${shown}.0`) : number;
}
