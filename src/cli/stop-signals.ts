import { setImmediate } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Notes the signals that ask to stop, which otherwise end the process at once, for as long as it listens. */
export class StopSignals {
  /** Comes true with the first signal. */
  readonly stopped: Promise<undefined>;
  private wasStopped = false;
  private readonly note: () => void;

  constructor() {
    let settle = (): void => undefined;
    this.stopped = new Promise((resolve) => (settle = () => resolve(undefined)));
    this.note = () => {
      this.wasStopped = true;
      settle();
    };
    for (const signal of SIGNALS) process.on(signal, this.note);
  }

  /** Whether a signal has come until now. Node tells of signals between two pieces of work. */
  async arrived(): Promise<boolean> {
    await setImmediate();
    return this.wasStopped;
  }

  /** Lets signals end the process again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.note);
  }
}
