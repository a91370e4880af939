/** What a backslash and a letter stand for in PostgreSQL's COPY; MySQL writes a NUL as `\0` in addition. */
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
};

/** The values in a line of `COPY ... TO` or `mysql --batch`. See "Text Format" under COPY in the manual of PostgreSQL. */
export function valuesInCopyLine(line: string): (string | undefined)[] {
  return line.split('\t').map((value) => (value === '\\N' ? undefined : unescaped(value)));
}

function unescaped(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replaceAll(/\\(x[0-9A-Fa-f]{1,2}|[1-3]?[0-7]{1,2}|[^])/g, (_, code: string) => {
    if (code in ESCAPES) return ESCAPES[code];
    if (/^x./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /^\d/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : code;
  });
}

/** The lines of a text that comes in pieces, without their ends; nothing but a line feed ends one. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    yield* lines.map((line) => line.replace(/\r$/, ''));
  }
  if (rest !== '') yield rest;
}
