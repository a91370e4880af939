import { setImmediate } from 'node:timers/promises';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Records signals, which otherwise end the process at once, until it is released. */
export class StopSignals {
  /** Resolves with the first signal. */
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

  /** Whether a signal has arrived. Node delivers signals between two turns of the event loop. */
  async arrived(): Promise<boolean> {
    await setImmediate();
    return this.wasStopped;
  }

  /** Lets signals end the process again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.note);
  }
}
