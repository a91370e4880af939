import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a webhook receives it. */
export interface Received {
  /** When it had arrived, in milliseconds since 1970. */
  readonly at: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** The answer of a receiver. */
export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A receiver of webhooks on a free port of this machine. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  /** By path; others are answered 204. */
  readonly responses = new Map<string, ReceiverAnswer>();
  private readonly server = createServer(this.answer());

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  at(path: string): Received[] {
    return this.received.filter((each) => each.path === path);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(): RequestListener {
    return (request, reply) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const path = request.url!;
        const body = JSON.parse(text) as Received['body'];
        this.received.push({ at: Date.now(), path, headers: flat(request.headers), text, body });
        const { status, headers } = this.responses.get(path) ?? { status: 204 };
        reply.writeHead(status, headers).end();
      });
    };
  }
}

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
