import { type Finished, Shell } from '../cli/shell.js';
import { Secrets } from './secrets.js';

/** Commands and what they said, in a shell of their own. */
export class Said {
  readonly shell = new Shell();
  /** What no command may say. */
  readonly secrets = new Secrets();
  private readonly all: { readonly line: string; readonly text: string }[] = [];

  /** Runs a line of sh. With `answer` standard output is what was asked for, and what it says does not count. */
  async run(line: string, { answer = false } = {}): Promise<Finished> {
    const finished = await this.shell.run(line);
    this.note(line, answer ? finished.err : finished.out + finished.err);
    return finished;
  }

  /** Takes down what some line said. */
  note(line: string, text: string): void {
    this.all.push({ line, text });
  }

  /** `line: secret`, for each secret that was said since the last call. */
  found(): string[] {
    return this.all.splice(0).flatMap(({ line, text }) => this.secrets.in(text).map((what) => `${line}: ${what}`));
  }
}

/** Does some work for all items, a few at a time. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all([worker(), worker(), worker()]);
}
