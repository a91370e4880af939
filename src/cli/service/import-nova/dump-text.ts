/** Longer rows are no keypairs; nothing of them is kept. */
const MAX_ROW_BYTES = 2 ** 20;
/** No bounded pattern matches more. */
const LOOKAHEAD = 256;

/** Reads a text that arrives in pieces of Latin-1, a character for each byte, in linear time and bounded memory. */
export class DumpText {
  private text = '';
  private at = 0;
  private ended = false;
  private nextLineFeed = -1;
  private lines = 1;
  private rowBytes = 0;

  constructor(private readonly pieces: AsyncIterator<string>) {}

  /** The number of the current line. */
  get line(): number {
    while (this.nextLineFeed !== -1 && this.nextLineFeed < this.at) {
      this.lines += 1;
      this.nextLineFeed = this.text.indexOf('\n', this.nextLineFeed + 1);
    }
    return this.lines;
  }

  get isRowTooLong(): boolean {
    return this.rowBytes > MAX_ROW_BYTES;
  }

  /** From here on the size of a row counts. */
  startRow(): void {
    this.rowBytes = 0;
  }

  /** The next characters, up to {@link LOOKAHEAD} or the end; empty at the end. */
  async peek(): Promise<string> {
    if (this.text.length - this.at < LOOKAHEAD) await this.fill();
    return this.text.slice(this.at, this.at + LOOKAHEAD);
  }

  /** Consumes what a sticky pattern matches here, at most {@link LOOKAHEAD} characters. */
  async take(pattern: RegExp): Promise<string | undefined> {
    if (this.text.length - this.at < LOOKAHEAD) await this.fill();
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Consumes and returns everything before the next match of a global one-character pattern. */
  async takeUntil(stop: RegExp): Promise<string> {
    let taken = '';
    for (;;) {
      stop.lastIndex = this.at;
      const end = stop.exec(this.text)?.index ?? this.text.length;
      this.rowBytes += end - this.at;
      if (!this.isRowTooLong) taken += this.text.slice(this.at, end);
      this.at = end;
      if (end < this.text.length || !(await this.fill())) return taken;
    }
  }

  /** Whether there was more. */
  private async fill(): Promise<boolean> {
    const before = this.text.length - this.at;
    while (!this.ended && this.text.length - this.at < LOOKAHEAD) {
      const { value, done } = await this.pieces.next();
      this.ended = done === true;
      if (this.ended) break;
      this.lines = this.line;
      this.text = this.text.slice(this.at) + value;
      this.at = 0;
      this.nextLineFeed = this.text.indexOf('\n');
    }
    return this.text.length - this.at > before;
  }
}
