import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

/** Debian's RabbitMQ with a directory, ports and a name of its own. */
export class RabbitMq {
  private broker: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly ports: readonly number[],
  ) {}

  /** A broker that listens. */
  static async started(): Promise<RabbitMq> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const rabbit = new RabbitMq(mkdtempSync(join(tmpdir(), 'latchkey-rabbitmq-')), ports);
    await rabbit.start();
    return rabbit;
  }

  get url(): string {
    return `rabbit://guest:guest@127.0.0.1:${this.ports[0]}/`;
  }

  /** Starts it, with the queues and messages that are on its disk. */
  async start(): Promise<void> {
    const [port, distribution, epmd] = this.ports.map(String);
    const path = (name: string): string => join(this.directory, name);
    // The machine's own configuration is ignored.
    const nothing = path('none');
    this.broker = spawn('/usr/lib/rabbitmq/bin/rabbitmq-server', [], {
      env: {
        PATH: process.env.PATH,
        HOME: this.directory,
        ERL_EPMD_PORT: epmd,
        RABBITMQ_NODENAME: `latchkey${port}@localhost`,
        RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
        RABBITMQ_NODE_PORT: port,
        RABBITMQ_DIST_PORT: distribution,
        RABBITMQ_MNESIA_BASE: path('mnesia'),
        RABBITMQ_LOG_BASE: path('log'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_PID_FILE: path('pid'),
        RABBITMQ_ENABLED_PLUGINS_FILE: nothing,
        RABBITMQ_CONF_ENV_FILE: nothing,
        RABBITMQ_CONFIG_FILE: nothing,
        RABBITMQ_ADVANCED_CONFIG_FILE: nothing,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group of its own.
      detached: true,
    });
    let output = '';
    this.broker.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
    await until(() => output.includes('Server startup complete'), `RabbitMQ starts: ${output.slice(-2000)}`, {
      timeoutMs: 180_000,
    });
  }

  /** Ends it like a power cut. */
  async kill(): Promise<void> {
    const { broker } = this;
    if (broker?.exitCode !== null || broker.signalCode !== null) return;
    const ended = once(broker, 'exit');
    process.kill(-broker.pid!, 'SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    // Its processes may write until they have ended.
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
