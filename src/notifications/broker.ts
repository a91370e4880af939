import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import type { TransportUrl } from '../config/transport-url.js';

/** The exchange of Nova's control_exchange. */
const EXCHANGE = 'nova';
const CONNECT_TIMEOUT_MS = 5000;
/** Less than another replica waits before it takes over. */
const CONFIRM_TIMEOUT_MS = 15_000;
const HEARTBEAT_SECONDS = 20;

/** A connection to a broker of AMQP 0-9-1, made when it is needed. It declares what it sends to, as oslo.messaging does. */
export class Broker {
  private connection: ChannelModel | undefined;
  private channel: Promise<ConfirmChannel> | undefined;
  private readonly declared = new Set<string>();
  private nextHost = 0;

  constructor(
    private readonly url: TransportUrl,
    private readonly isDurable: boolean,
  ) {}

  /** Resolves when the broker has confirmed all of them. Throws if it does not, and connects anew the next time. */
  async publish(messages: readonly { readonly topic: string; readonly body: string }[]): Promise<void> {
    try {
      const channel = await (this.channel ??= this.open());
      for (const topic of new Set(messages.map((each) => each.topic))) await this.declare(channel, topic);
      for (const { topic, body } of messages) channel.publish(EXCHANGE, topic, Buffer.from(body), PROPERTIES);
      await within(CONFIRM_TIMEOUT_MS, channel.waitForConfirms());
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { connection } = this;
    this.connection = undefined;
    this.channel = undefined;
    this.declared.clear();
    // One that is broken has nothing to close.
    if (connection) await within(CONNECT_TIMEOUT_MS, connection.close()).catch(() => undefined);
  }

  /** Connects to the host whose turn it is. */
  private async open(): Promise<ConfirmChannel> {
    const { hosts, virtualHost, isTls } = this.url;
    const host = hosts[this.nextHost % hosts.length];
    this.nextHost += 1;
    const server = { protocol: isTls ? 'amqps' : 'amqp', ...host, vhost: virtualHost, heartbeat: HEARTBEAT_SECONDS };
    const connection = await connect(server, {
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { product: 'latchkey' },
    });
    this.connection = connection;
    // The next publish finds out, and connects anew; without a listener an error would end the process.
    connection.on('error', () => undefined);
    connection.on('close', () => {
      if (this.connection === connection) void this.close();
    });
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    return channel;
  }

  /** The queue is there before a listener is, so that nothing is dropped. */
  private async declare(channel: ConfirmChannel, topic: string): Promise<void> {
    if (this.declared.has(topic)) return;
    const options = { durable: this.isDurable, autoDelete: false };
    await channel.assertExchange(EXCHANGE, 'topic', options);
    await channel.assertQueue(topic, { ...options, exclusive: false });
    await channel.bindQueue(topic, EXCHANGE, topic);
    this.declared.add(topic);
  }
}

/** As kombu sends them. */
const PROPERTIES = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  deliveryMode: 2,
  priority: 0,
  headers: {},
};

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The broker does not answer.')), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
