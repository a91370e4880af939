import { excerpt } from '../../domain/excerpt.js';
import { PythonNumber } from './read-json.js';

/** An excerpt of a value as Python's `str()` shows it: text as it is, all else as {@link pythonRepr}. */
export function pythonStr(value: unknown): string {
  return typeof value === 'string' ? excerpt(value) : valueExcerpt(value);
}

/** An excerpt of a JSON value as Python's `repr()` shows it: `None`, `True`, `'text'`, `['a', 1]`, `{'name': 'x'}`. */
export function pythonRepr(value: unknown): string {
  if (typeof value !== 'string') return valueExcerpt(value);
  // The quotes stand around the excerpt, so that a message shows as much of a text in them as without them.
  const quote = quoteFor(value);
  return quote + excerpt(escaped(value, quote)) + quote;
}

/** Excerpts of lists and objects: a message shows one twice, and to name the members of a large one takes a millisecond. */
const EXCERPTS = new WeakMap<object, string>();

function valueExcerpt(value: unknown): string {
  if (typeof value !== 'object' || value === null) return excerpt(charactersOf(value));
  const shown = EXCERPTS.get(value) ?? excerpt(charactersOf(value));
  EXCERPTS.set(value, shown);
  return shown;
}

/** An excerpt of texts as `repr()` shows them, with commas between them. */
export function pythonNames(names: Iterable<string>): string {
  return excerpt(separated(names, quoteText));
}

function* charactersOf(value: unknown): Generator<string> {
  if (value === null || value === undefined) yield* 'None';
  else if (typeof value === 'boolean') yield* value ? 'True' : 'False';
  else if (typeof value === 'string') yield* quoteText(value);
  else if (typeof value === 'number') yield* String(value);
  else if (value instanceof PythonNumber) yield* value.shown;
  else if (Array.isArray(value)) {
    yield '[';
    yield* separated(value, charactersOf);
    yield ']';
  } else {
    yield '{';
    yield* separated(Object.keys(value), function* (name) {
      yield* quoteText(name);
      yield* ': ';
      yield* charactersOf((value as Record<string, unknown>)[name]);
    });
    yield '}';
  }
}

function* separated<T>(items: Iterable<T>, write: (item: T) => Iterable<string>): Generator<string> {
  let separator = '';
  for (const item of items) {
    yield* separator;
    yield* write(item);
    separator = ', ';
  }
}

function* quoteText(text: string): Generator<string> {
  const quote = quoteFor(text);
  yield quote;
  yield* escaped(text, quote);
  yield quote;
}

const quoteFor = (text: string): string => (text.includes("'") && !text.includes('"') ? '"' : "'");

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** Python escapes what is not printable: categories C and Z but for the space itself. */
function* escaped(text: string, quote: string): Generator<string> {
  for (const character of text) {
    if (character === quote) yield* `\\${quote}`;
    else if (ESCAPES.has(character)) yield* ESCAPES.get(character)!;
    else if (character !== ' ' && /[\p{C}\p{Z}]/u.test(character)) yield* hexadecimal(character.codePointAt(0)!);
    else yield character;
  }
}

function hexadecimal(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
