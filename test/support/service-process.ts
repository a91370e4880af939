import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from './client.js';
import { until } from './until.js';

/** The built service as a process of its own, as `npm start` runs it. */
export class ServiceProcess {
  private static readonly all = new Set<ServiceProcess>();
  private output = '';
  /** The end of the process and of its output, which may arrive after the exit code. */
  private readonly closed: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    this.closed = once(child, 'close');
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Starts it with these environment variables and none of this process. */
  static start(settings: Record<string, string>): ServiceProcess {
    const environment = {
      PATH: process.env.PATH!,
      AUTH_MODE: 'none',
      RATE_LIMIT: 'off',
      PORT: '0',
      METADATA_PORT: '0',
      ...settings,
    };
    const service = new ServiceProcess(
      spawn(process.execPath, ['--max-semi-space-size=4', 'dist/src/main.js'], {
        env: environment,
      }),
    );
    ServiceProcess.all.add(service);
    return service;
  }

  /** Ends those that a failed test left behind. */
  static async killAll(): Promise<void> {
    const left = [...ServiceProcess.all];
    ServiceProcess.all.clear();
    await Promise.all(left.map((service) => service.stop('SIGKILL')));
  }

  /** Starts it and waits until it listens. */
  static async listening(settings: Record<string, string>): Promise<ServiceProcess> {
    const service = ServiceProcess.start(settings);
    await service.printed(/listens on http/);
    return service;
  }

  /** Its output so far. */
  get printedText(): string {
    return this.output;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Sends requests to its API. */
  get client(): Client {
    return new Client(this.hosts.api);
  }

  /** Where it listens: address and port; empty for listeners that it does not report. */
  get hosts(): { readonly api: string; readonly guests: string; readonly operators: string } {
    const host = (before: string): string => new RegExp(`${before} https?://([^/]+)/`).exec(this.output)?.[1] ?? '';
    return { api: host('listens on'), guests: host('metadata at'), operators: host('metrics at') };
  }

  /** Waits for output that matches. Fails if the process ends without it. */
  async printed(pattern: RegExp): Promise<void> {
    let isClosed = false;
    void this.closed.then(() => (isClosed = true));
    const isPrinted = (): boolean => {
      if (pattern.test(this.output)) return true;
      if (!isClosed) return false;
      throw new Error(`The service ended:\n${this.output}`);
    };
    await until(isPrinted, `the service prints ${pattern.source}`, { timeoutMs: 120_000 });
  }

  /** Sends a signal and waits for the end; the exit code, or null if the signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.ended();
  }

  /** The exit code, when it has ended and all of its output is read. */
  async ended(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }
}
