const LEAST_WIDTH = 8;

/**
 * A table as text, no wider than `width` characters as long as its columns have 8 each; longer values go on in the next
 * line of their cell. `head` may mark up the titles.
 */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
  head: (text: string) => string = (text) => text,
): string {
  const cells = rows.map((row) => row.map(printable));
  const natural = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => Math.max(...row[column].map((line) => line.length)))),
  );
  const widths = fitted(natural, width - 3 * titles.length - 1);
  const rule = `+${widths.map((each) => '-'.repeat(each + 2)).join('+')}+`;
  const body = cells.flatMap((row) => lines(row, widths));
  return [
    rule,
    ...lines(
      titles.map((title) => [title]),
      widths,
      head,
    ),
    rule,
    ...body,
    ...(body.length ? [rule] : []),
    '',
  ].join('\n');
}

/** The lines of a value. What would move the cursor or colour the terminal is shown as a question mark. */
function printable(value: string): string[] {
  return value
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.replaceAll('\t', ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?'));
}

/** Takes from the widest columns until they fit. */
function fitted(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, each) => sum + each, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_WIDTH) break;
    const next = Math.max(LEAST_WIDTH, ...widths.filter((each) => each < widest));
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
    const parts = wrapped.map((cell, column) => ` ${mark((cell[at] ?? '').padEnd(widths[column]))} `);
    return `|${parts.join('|')}|`;
  });
}

function wrap(line: string, width: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < line.length; at += width) parts.push(line.slice(at, at + width));
  return parts.length === 0 ? [''] : parts;
}
