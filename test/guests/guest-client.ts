import { request as httpRequest } from 'node:http';

/** An answer of the metadata service. */
export interface GuestReply {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  readonly bytes: Buffer;
}

/** A guest as the metadata service sees it: connections from an address of 127.0.0.0/8. */
export class GuestClient {
  constructor(
    /** Address and port of the metadata service. */
    private readonly host: string,
    private readonly from: string,
    private readonly headers: Readonly<Record<string, string | string[]>> = {},
  ) {}

  with(headers: Readonly<Record<string, string | string[]>>): GuestClient {
    return new GuestClient(this.host, this.from, { ...this.headers, ...headers });
  }

  get(target: string): Promise<GuestReply> {
    return this.send('GET', target);
  }

  /** The document as JSON. */
  async read(target: string): Promise<Record<string, unknown>> {
    const reply = await this.get(target);
    if (reply.status !== 200) throw new Error(`${target} is ${reply.status}`);
    return JSON.parse(reply.text) as Record<string, unknown>;
  }

  post(target: string, body: string): Promise<GuestReply> {
    return this.send('POST', target, body);
  }

  send(method: string, target: string, body?: string): Promise<GuestReply> {
    const [hostname, port] = this.host.split(':');
    return new Promise((resolve, reject) => {
      const options = { method, hostname, port, path: target, localAddress: this.from, headers: this.headers };
      const sent = httpRequest({ ...options, agent: false }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const type = answer.headers['content-type'];
          resolve({ status: answer.statusCode!, type, text: bytes.toString(), bytes });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
