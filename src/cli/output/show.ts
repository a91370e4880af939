import { UsageError } from '../cli-error.js';
import type { GlobalOptions } from '../global-options.js';
import { bold, print, printableJson, printMarkedUp, printMessage } from './print.js';
import { table } from './table.js';

/** A value by the name of its column. */
export type Row = Readonly<Record<string, unknown>>;

type Columns = readonly string[];

/** Width of tables in files and pipes, whose readers break longer lines anywhere. */
const WIDTH_WITHOUT_TERMINAL = 120;

/** Prints a list in the format of the options: a table, an array of objects, or a line for each row. */
export async function showList(columns: Columns, rows: readonly Row[], options: GlobalOptions): Promise<void> {
  const shown = chooseColumns(columns, options);
  switch (options.format ?? 'table') {
    case 'json':
    case 'yaml':
      return showData(
        rows.map((row) => only(shown, row)),
        options,
      );
    case 'value':
      return print(rows.map((row) => `${shown.map((column) => asText(row[column])).join(' ')}\n`).join(''));
    case 'table':
      return showTable(
        shown,
        rows.map((row) => shown.map((column) => asText(row[column]))),
      );
  }
}

/** Prints one thing in the format of the options: a table of fields and values, an object, or a line for each value. */
export async function showRecord(record: Row, options: GlobalOptions): Promise<void> {
  const shown = chooseColumns(Object.keys(record), options);
  switch (options.format ?? 'table') {
    case 'json':
    case 'yaml':
      return showData(only(shown, record), options);
    case 'value':
      return print(shown.map((column) => `${asText(record[column]).replace(/\n$/, '')}\n`).join(''));
    case 'table':
      return showTable(
        ['Field', 'Value'],
        shown.map((column) => [column, asText(record[column])]),
      );
  }
}

/** Shows what was made or changed; with --quiet only if a format is requested. */
export async function showResult(record: Row, options: GlobalOptions): Promise<void> {
  if (!options.quiet || options.format !== undefined) await showRecord(record, options);
}

/** Shows a list that may continue beyond the requested page. */
export async function showPart(
  columns: Columns,
  rows: readonly Row[],
  more: boolean,
  options: GlobalOptions & { readonly limit?: string },
): Promise<void> {
  await showList(columns, rows, options);
  if (more && !options.quiet && options.limit === undefined) {
    printMessage('There are more; add --all-pages to see them all.');
  }
}

function chooseColumns(columns: Columns, { column: names }: GlobalOptions): Columns {
  if (names === undefined) return columns;
  return names.map((name) => {
    const found = columns.find((column) => column.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`There is no column "${name}"; there are ${columns.join(', ')}.`);
  });
}

function only(columns: Columns, row: Row): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}

async function showData(data: unknown, { format }: GlobalOptions): Promise<void> {
  if (format === 'json') return printJson(data);
  const { stringify } = await import('yaml');
  return print(stringify(data, { lineWidth: 0 }));
}

/** Writes JSON; on a terminal with control and invisible characters as escapes. */
export function printJson(data: unknown): Promise<void> {
  const json = `${JSON.stringify(data, undefined, 2)}\n`;
  return print(process.stdout.isTTY ? printableJson(json) : json);
}

function showTable(titles: Columns, rows: readonly (readonly string[])[]): Promise<void> {
  const { stdout } = process;
  const width = (stdout.isTTY ? stdout.columns : Number(process.env.COLUMNS)) || WIDTH_WITHOUT_TERMINAL;
  return printMarkedUp(table(titles, rows, width, (text) => bold(text, stdout)));
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
