import { setImmediate } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Notes the signals that ask to stop, which otherwise end the process at once, for as long as it listens. */
export class StopSignals {
  /** Comes true with the first signal. */
  readonly asked: Promise<undefined>;
  private wasAsked = false;
  private readonly note: () => void;

  constructor() {
    let settle = (): void => undefined;
    this.asked = new Promise((resolve) => (settle = () => resolve(undefined)));
    this.note = () => {
      this.wasAsked = true;
      settle();
    };
    for (const signal of SIGNALS) process.on(signal, this.note);
  }

  /** Whether a signal has come until now. Node tells of signals between two pieces of work. */
  async have(): Promise<boolean> {
    await setImmediate();
    return this.wasAsked;
  }

  /** Lets signals end the process again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.note);
  }
}
