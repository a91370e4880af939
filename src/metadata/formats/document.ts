/** A document for guests. */
export interface Document {
  readonly type: 'application/json' | 'application/octet-stream' | 'text/plain; charset=UTF-8';
  readonly content: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export const jsonDocument = (value: object): Document => ({ type: 'application/json', content: JSON.stringify(value) });

export const textDocument = (content: string | Buffer): Document => ({ type: 'text/plain; charset=UTF-8', content });

/** A listing: a line for each entry, and none at the end. */
export const linesDocument = (lines: readonly string[]): Document => textDocument(lines.join('\n'));
