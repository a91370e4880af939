import { request as httpRequest } from 'node:http';

export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Answered {
  /** 0 if there was no answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The header lines and the body. */
  readonly all: string;
  readonly body: string;
}

/** Sends a raw request with any headers. Returns what was received, even if the connection broke. */
export function send(host: string, { method, target, headers = {}, body }: Sent): Promise<Answered> {
  const [hostname, port] = host.split(':');
  const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  return new Promise((resolve) => {
    const options = { hostname, port, method, path: target, headers: { ...headers, ...length }, agent: false };
    const sent = httpRequest(options, (answer) => {
      const chunks: Buffer[] = [];
      const done = (): void => {
        const text = Buffer.concat(chunks).toString('latin1');
        const all = `${answer.rawHeaders.join('\n')}\n${text}`;
        resolve({ status: answer.statusCode!, headers: answer.headers, all, body: text });
      };
      answer
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', done)
        .on('error', done);
    });
    sent.on('error', () => resolve({ status: 0, headers: {}, all: '', body: '' }));
    sent.end(body);
  });
}
