import type { DumpText } from './dump-text.js';

/** A row of a dump: its values, or what keeps it from being read. Each character of a value is a byte. */
export interface DumpRow {
  /** The line on which it begins. */
  readonly line: number;
  readonly values: readonly (string | undefined)[];
  /** Undefined: those of Nova in their order. */
  readonly columns?: readonly string[] | undefined;
  /** Undefined where the dump does not name it. */
  readonly database?: string | undefined;
  readonly problem?: string | undefined;
}

/** What follows a backslash in COPY, INTO OUTFILE and `mysql --batch`; any other character stands for itself. */
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0', Z: '\x1A' }),
);

export interface Delimiters {
  readonly separator: string;
  readonly hasQuotes: boolean;
  /** Whether a backslash escapes; `\N` is NULL then. */
  readonly hasEscapes: boolean;
}

/** COPY of PostgreSQL, INTO OUTFILE and `mysql --batch` of MySQL. */
export const TAB_SEPARATED: Delimiters = { separator: '\t', hasQuotes: false, hasEscapes: true };

const QUOTE_PROBLEM = 'its quotes do not match, so lines after it may be missing';

/** The rows of a text with separators, up to its end or `\.`; escapes are left for {@link unescapeValue}. */
export async function* delimitedRows(text: DumpText, format: Delimiters): AsyncGenerator<DumpRow> {
  const stop = new RegExp(
    String.raw`[\n${format.separator}${format.hasQuotes ? '"' : ''}${format.hasEscapes ? '\\\\' : ''}]`,
    'g',
  );
  const separator = new RegExp(format.separator, 'y');
  while ((await text.peek()) !== '') {
    text.startRow();
    const values: (string | undefined)[] = [];
    const { line } = text;
    let problem: string | undefined;
    do {
      if (format.hasQuotes && (await text.take(/"/y))) {
        values.push(await quotedValue(text, format));
        if (!/^[\r\n]|^$/.test(await text.peek()) && !(await text.peek()).startsWith(format.separator))
          problem = QUOTE_PROBLEM;
      } else {
        const value = await plainValue(text, stop);
        values.push(format.hasEscapes && value === '\\N' ? undefined : value);
        if (format.hasQuotes && (await text.peek()).startsWith('"')) problem = QUOTE_PROBLEM;
      }
      if (problem !== undefined) await text.takeUntil(/\n/g);
    } while (await text.take(separator));
    if (values.length === 1 && values[0] === '\\.') return void (await text.take(/\r?\n/y));
    if (!(await text.take(/\r?\n/y)) && problem === undefined && (await text.peek()) !== '') problem = QUOTE_PROBLEM;
    yield { line, values, problem: text.isRowTooLong ? TOO_LONG : problem };
  }
}

export const TOO_LONG = 'it is longer than 1 MB';

async function plainValue(text: DumpText, stop: RegExp): Promise<string> {
  let value = '';
  for (;;) {
    value += await text.takeUntil(stop);
    const escaped = stop.source.includes('\\\\') && (await text.take(/\\[^]/y));
    if (escaped) value += escaped;
    else return (await text.peek()).startsWith('\n') ? value.replace(/\r$/, '') : value;
  }
}

async function quotedValue(text: DumpText, { hasEscapes }: Delimiters): Promise<string> {
  let value = '';
  for (;;) {
    value += await text.takeUntil(hasEscapes ? /["\\]/g : /"/g);
    const escaped = hasEscapes && (await text.take(/\\[^]/y));
    if (escaped) value += escaped;
    else if (await text.take(/""/y)) value += '"';
    else {
      await text.take(/"/y);
      return value;
    }
  }
}

export function unescapeValue(value: string | undefined): string | undefined {
  if (!value?.includes('\\')) return value;
  return value.replaceAll(/\\([^])/g, (_, code: string) => ESCAPES.get(code) ?? code);
}
