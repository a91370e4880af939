import stringWidth from 'string-width';
import { printable } from './print.js';

const MIN_COLUMN_WIDTH = 8;
const graphemes = new Intl.Segmenter();

/**
 * A table as text, no wider than `width` terminal cells as long as its columns have 8 each; longer values go on in the next
 * line of their cell. `head` may mark up the titles.
 */
export function table(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  head: (text: string) => string = (text) => text,
): string {
  const titles = names.map((name) => printable(name).replaceAll('\n', '?'));
  const cells = rows.map((row) => row.map((value) => printable(value.replace(/\n$/, '')).split('\n')));
  const natural = titles.map((title, column) =>
    cells.flatMap((row) => row[column]).reduce((widest, line) => Math.max(widest, cellsOf(line)), cellsOf(title)),
  );
  const widths = fit(natural, width - 3 * titles.length - 1);
  const rule = `+${widths.map((each) => '-'.repeat(each + 2)).join('+')}+`;
  const titleRow = titles.map((title) => [title]);
  const body = cells.flatMap((row) => lines(row, widths));
  return [rule, ...lines(titleRow, widths, head), rule, ...body, ...(body.length ? [rule] : []), ''].join('\n');
}

/** How many cells of a terminal a text takes. */
function cellsOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** Takes from the widest columns until they fit. */
function fit(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= MIN_COLUMN_WIDTH) break;
    const next = Math.max(MIN_COLUMN_WIDTH, ...widths.filter((each) => each < widest));
    const column = widths.indexOf(widest);
    const cut = Math.min(excess, Math.max(1, widest - next));
    widths[column] -= cut;
    excess -= cut;
  }
  return widths;
}

function lines(row: readonly string[][], widths: readonly number[], mark = (text: string): string => text): string[] {
  const wrapped = row.map((cell, column) => cell.flatMap((line) => wrap(line, widths[column])));
  const height = Math.max(...wrapped.map((cell) => cell.length));
  return Array.from({ length: height }, (_, at) => {
    const parts = wrapped.map((cell, column) => ` ${mark(pad(cell[at] ?? '', widths[column]))} `);
    return `|${parts.join('|')}|`;
  });
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - cellsOf(text)));
}

/** Breaks a line between characters as people count them, never inside one. */
function wrap(line: string, width: number): string[] {
  if (cellsOf(line) <= width) return [line];
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const { segment } of graphemes.segment(line)) {
    const cells = cellsOf(segment);
    if (used + cells > width && part !== '') {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += segment;
    used += cells;
  }
  return [...parts, part];
}
