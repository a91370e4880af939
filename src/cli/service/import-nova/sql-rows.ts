import { delimitedRows, type DumpRow, TAB_SEPARATED, TOO_LONG, unescapeValue } from './delimited-rows.js';
import type { DumpText } from './dump-text.js';

interface Dialect {
  /** What follows a backslash in a string; undefined: a backslash is a plain character. */
  readonly escapes: ReadonlyMap<string, string> | undefined;
  readonly lineComment: RegExp;
}

const ESCAPES = new Map(
  Object.entries({ 0: '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1A', '%': '\\%', _: '\\_' }),
);

/** See "String Literals" in the manuals of MySQL and PostgreSQL. */
const DIALECTS = {
  mysql: { escapes: ESCAPES, lineComment: /--|#/y },
  postgresql: { escapes: undefined, lineComment: /--/y },
} satisfies Record<string, Dialect>;

interface Token {
  readonly kind: 'word' | 'string' | 'name' | 'symbol' | 'end';
  readonly text: string;
}

/** Words that begin an element of CREATE TABLE which is no column, unless they are quoted. */
const NOT_COLUMNS = /^(PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FULLTEXT|SPATIAL|CHECK|FOREIGN|PERIOD|LIKE|EXCLUDE)$/i;

/** Rows of every `key_pairs` in a script of mysqldump, mariadb-dump or pg_dump. */
export class SqlRows {
  private dialect: Dialect = DIALECTS.mysql;
  /** Of USE or \connect. */
  private database: string | undefined;
  private columns: readonly string[] | undefined;
  /** Whether the script has the table at all. */
  hasTable = false;

  constructor(private readonly text: DumpText) {}

  async *rows(): AsyncGenerator<DumpRow> {
    for (;;) {
      this.text.startRow();
      if (await this.skipMetaCommand()) continue;
      const { kind, text } = await this.token();
      if (kind === 'end') return;
      if (kind === 'symbol' && text === ';') continue;
      const statement = kind === 'word' ? text.toUpperCase() : '';
      if (statement === 'DELIMITER') await this.skipRoutines();
      else if (statement === 'CREATE') await this.readCreate();
      else if (statement === 'INSERT' || statement === 'REPLACE') yield* this.insertedRows();
      else if (statement === 'COPY') yield* this.copiedRows();
      else if (statement === 'SET') await this.readSetting();
      else {
        if (statement === 'USE') [this.database, this.columns] = [(await this.token()).text, undefined];
        await this.skipStatement();
      }
    }
  }

  /** psql reads lines that begin with a backslash itself. */
  private async skipMetaCommand(): Promise<boolean> {
    await this.skipBlanks();
    if (!(await this.text.take(/\\/y))) return false;
    const line = await this.text.takeUntil(/\n/g);
    const [, database] = /^connect (?:-\S+ )?"?([^"\s]+)/.exec(line) ?? [];
    this.database = database ?? this.database;
    return true;
  }

  /** Bodies of triggers and procedures may contain any statement. */
  private async skipRoutines(): Promise<void> {
    let delimiter = (await this.text.takeUntil(/\n/g)).trim();
    while (delimiter !== ';' && (await this.text.take(/\r?\n/y)) !== undefined) {
      const line = await this.text.takeUntil(/\n/g);
      this.text.startRow();
      delimiter = /^DELIMITER\s+(\S+)/i.exec(line)?.[1] ?? delimiter;
    }
  }

  private async readSetting(): Promise<void> {
    const { text } = await this.token();
    if (text === 'standard_conforming_strings') this.dialect = DIALECTS.postgresql;
    await this.skipStatement();
  }

  private async readCreate(): Promise<void> {
    const { kind, text } = await this.token();
    if (kind !== 'word' || text.toUpperCase() !== 'TABLE') return this.skipStatement();
    const { table, next } = await this.tableName();
    if (table !== 'key_pairs' || next !== '(') return next === ';' ? undefined : this.skipStatement();
    this.hasTable = true;
    const columns: string[] = [];
    for (let depth = 1, isFirst = true; depth > 0;) {
      const token = await this.token();
      if (token.kind === 'end') return;
      if (isFirst && (token.kind === 'name' || (token.kind === 'word' && !NOT_COLUMNS.test(token.text))))
        columns.push(token.text);
      if (token.kind === 'symbol') depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
      isFirst = depth === 1 && token.kind === 'symbol' && token.text === ',';
    }
    this.columns = columns;
    await this.skipStatement();
  }

  /** The last part of a qualified name, what stands before it, and the token after it. */
  private async tableName(): Promise<{ table: string; qualifier: string | undefined; next: string }> {
    const parts: string[] = [];
    for (;;) {
      const token = await this.token();
      if (token.kind === 'end') return { table: '', qualifier: undefined, next: ';' };
      if (
        token.kind === 'name' ||
        (token.kind === 'word' && !/^(INTO|IF|NOT|EXISTS|IGNORE|DELAYED|LOW_PRIORITY|ONLY)$/i.test(token.text))
      ) {
        if (/^(VALUES?|LIKE|FROM|SELECT|AS|SET)$/i.test(token.text) && token.kind === 'word')
          return readTableName(parts, token.text.toUpperCase());
        parts.push(token.text);
      } else if (token.kind === 'symbol' && token.text !== '.') return readTableName(parts, token.text);
    }
  }

  private async *insertedRows(): AsyncGenerator<DumpRow> {
    let { table, qualifier, next } = await this.tableName();
    if (table !== 'key_pairs') {
      if (next !== ';') await this.skipStatement();
      return;
    }
    this.hasTable = true;
    let columns = this.columns;
    if (next === '(') {
      columns = await this.columnList();
      next = (await this.token()).text.toUpperCase();
      while (next === 'OVERRIDING' || next === 'SYSTEM' || next === 'USER' || next === 'VALUE')
        next = (await this.token()).text.toUpperCase();
    }
    if (next === 'VALUES') {
      const database = this.dialect === DIALECTS.mysql ? (qualifier ?? this.database) : this.database;
      for (;;) {
        const { text } = await this.token();
        if (text === ',') continue;
        if (text !== '(') {
          if (text === ';' || text === '') return;
          break;
        }
        const row = await this.row();
        yield { ...row, columns, database };
      }
    }
    await this.skipStatement();
  }

  private async columnList(): Promise<string[]> {
    const columns: string[] = [];
    for (;;) {
      const { kind, text } = await this.token();
      if (kind === 'end' || (kind === 'symbol' && text === ')')) return columns;
      if (kind !== 'symbol') columns.push(text);
    }
  }

  /** The values after the opening parenthesis. */
  private async row(): Promise<DumpRow> {
    this.text.startRow();
    const { line } = this.text;
    const values: (string | undefined)[] = [];
    let problem: string | undefined;
    let value: string | undefined;
    let words = '';
    for (let depth = 1; depth > 0;) {
      const { kind, text } = await this.token();
      if (kind === 'end') return { line, values, problem: 'the dump ends within it' };
      if (kind === 'string' || kind === 'name') {
        value = (value ?? '') + (/^x$/i.test(words) ? fromHex(text) : text);
        words = '';
      } else if (kind === 'word' || text === '.') words += text;
      else if (text === '(') {
        depth += 1;
        problem = 'one of its values is no literal';
      } else if (text === ')' || text === ',') {
        if (text === ')') depth -= 1;
        if (depth > 1 || (depth === 1 && text === ')')) continue;
        values.push(value ?? literal(words));
        value = undefined;
        words = '';
      }
    }
    return { line, values, problem: this.text.isRowTooLong ? TOO_LONG : problem };
  }

  private async *copiedRows(): AsyncGenerator<DumpRow> {
    const { table, next } = await this.tableName();
    const columns = next === '(' ? await this.columnList() : this.columns;
    await this.text.takeUntil(/\n/g);
    await this.text.take(/\n/y);
    this.hasTable ||= table === 'key_pairs';
    for await (const row of delimitedRows(this.text, TAB_SEPARATED)) {
      if (table === 'key_pairs')
        yield { ...row, values: row.values.map(unescapeValue), columns, database: this.database };
    }
  }

  private async skipStatement(): Promise<void> {
    for (;;) {
      await this.text.takeUntil(/[;'"`/#$-]/g);
      const { kind, text } = await this.token();
      this.text.startRow();
      if (kind === 'end' || (kind === 'symbol' && text === ';')) return;
    }
  }

  private async skipBlanks(): Promise<void> {
    for (;;) {
      if (await this.text.take(/\s{1,200}/y)) continue;
      if (await this.text.take(this.dialect.lineComment)) await this.text.takeUntil(/\n/g);
      else if (await this.text.take(/\/\*/y)) {
        do {
          await this.text.takeUntil(/\*/g);
          if ((await this.text.peek()) === '') return;
        } while (!(await this.text.take(/\*\//y)) && (await this.text.take(/\*/y)));
      } else return;
    }
  }

  private async token(): Promise<Token> {
    await this.skipBlanks();
    const { text } = this;
    const word = await text.take(/[-+\w\x80-\xFF][-+\w\x80-\xFF$]{0,200}/y);
    if (word !== undefined) {
      // Only hexadecimal literals are longer.
      const whole = word + (word.length > 200 ? await text.takeUntil(/[^\w]/g) : '');
      if (/^e$/i.test(word) && (await text.take(/'/y)))
        return { kind: 'string', text: await this.quoted("'", ESCAPES) };
      return { kind: 'word', text: whole };
    }
    const quote = await text.take(/['"`]/y);
    if (quote === "'") return { kind: 'string', text: await this.quoted(quote, this.dialect.escapes) };
    if (quote !== undefined) return { kind: 'name', text: await this.quoted(quote, undefined) };
    const tag = this.dialect.escapes ? undefined : await text.take(/\$\w{0,60}\$/y);
    if (tag !== undefined) {
      await this.skipDollarQuoted(tag);
      return { kind: 'string', text: '' };
    }
    const symbol = await text.take(/[^]/y);
    return symbol === undefined ? { kind: 'end', text: '' } : { kind: 'symbol', text: symbol };
  }

  private async skipDollarQuoted(tag: string): Promise<void> {
    for (;;) {
      await this.text.takeUntil(/\$/g);
      const rest = await this.text.peek();
      if (rest === '' || rest.startsWith(tag)) break;
      await this.text.take(/\$/y);
    }
    await this.text.take(/\$\w{0,60}\$/y);
  }

  /** The text up to a closing quote, which is doubled inside. */
  private async quoted(quote: string, escapes: Dialect['escapes']): Promise<string> {
    const stop = new RegExp(escapes ? `[${quote}\\\\]` : quote, 'g');
    const doubled = new RegExp(quote + quote, 'y');
    let value = '';
    for (;;) {
      value += await this.text.takeUntil(stop);
      const escaped = escapes && (await this.text.take(/\\[^]/y));
      if (escaped) value += escapes.get(escaped[1]) ?? escaped[1];
      else if (await this.text.take(doubled)) value += quote;
      else {
        await this.text.take(/[^]/y);
        return value;
      }
    }
  }
}

function readTableName(
  parts: readonly string[],
  next: string,
): { table: string; qualifier: string | undefined; next: string } {
  return { table: parts.at(-1) ?? '', qualifier: parts.at(-2), next };
}

/** A literal without quotes: NULL, a number, or bytes in hexadecimal. */
function literal(words: string): string | undefined {
  if (/^(_\w+)?0x/i.test(words)) return fromHex(words.replace(/^.*?0x/i, ''));
  return /^NULL$/i.test(words) ? undefined : words;
}

const fromHex = (digits: string): string => Buffer.from(digits, 'hex').toString('latin1');
