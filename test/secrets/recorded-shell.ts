import { type Finished, Shell } from '../cli/shell.js';
import { Secrets } from './secrets.js';

/** Runs commands in a shell of its own, and searches their output for secrets. */
export class RecordedShell {
  readonly shell = new Shell();
  /** Secrets that no command may print. */
  readonly secrets = new Secrets();
  private readonly outputs: { readonly line: string; readonly text: string }[] = [];

  /** Runs a line of sh. With `answer` the secret on standard output is intended, and only standard error is recorded. */
  async run(line: string, { answer = false } = {}): Promise<Finished> {
    const finished = await this.shell.run(line);
    this.record(line, answer ? finished.err : finished.out + finished.err);
    return finished;
  }

  /** Records the output of a line. */
  record(line: string, text: string): void {
    this.outputs.push({ line, text });
  }

  /** `line: secret`, for each secret in the output recorded since the last call. */
  leaks(): string[] {
    return this.outputs.splice(0).flatMap(({ line, text }) => this.secrets.in(text).map((what) => `${line}: ${what}`));
  }
}

/** Runs `work` for all items, a few at a time. */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all([worker(), worker(), worker()]);
}
