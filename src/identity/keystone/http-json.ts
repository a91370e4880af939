import { Agent as HttpAgent, type ClientRequest, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** An answer with its body as JSON; undefined where it is none. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface JsonRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Bytes of an answer that are read: a token with a large catalog has some ten thousand. */
const LONGEST = 4 * 1024 * 1024;
/** Connections that are open at once; more requests wait for one. */
const SOCKETS = 32;

/** Sends JSON over connections that are kept. */
export class HttpJson {
  private readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent };

  /** `authorities` are certificates in PEM; without them those of Node count. */
  constructor(authorities: string | undefined) {
    const kept = { keepAlive: true, maxSockets: SOCKETS };
    this.agents = { http: new HttpAgent(kept), https: new HttpsAgent({ ...kept, ca: authorities }) };
  }

  /** Throws where there is no whole answer, and when the signal says stop. Redirects are answers like others. */
  async send(request: JsonRequest, signal: AbortSignal): Promise<JsonAnswer> {
    const sent = this.opened(request, signal);
    try {
      return await answerTo(sent, request.body);
    } catch (error) {
      // A kept connection that the other side had closed meanwhile says nothing of the other side (node:http, reusedSocket).
      const isStale = sent.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (isStale && !signal.aborted) return this.send(request, signal);
      throw error;
    }
  }

  close(): void {
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private opened({ method, url, headers }: JsonRequest, signal: AbortSignal): ClientRequest {
    const options = { method, signal, headers: { ...headers, Accept: 'application/json' } };
    return new URL(url).protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: this.agents.https })
      : httpRequest(url, { ...options, agent: this.agents.http });
  }
}

function answerTo(sent: ClientRequest, body: unknown): Promise<JsonAnswer> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on('error', reject);
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > LONGEST) answer.destroy(new Error('the answer is too long'));
      });
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: asJson(Buffer.concat(chunks)) }),
      );
      answer.on('close', () => reject(new Error('the answer is cut off')));
    });
    if (body === undefined) {
      sent.end();
      return;
    }
    const text = JSON.stringify(body);
    sent.setHeader('Content-Type', 'application/json');
    sent.setHeader('Content-Length', Buffer.byteLength(text));
    sent.end(text);
  });
}

function asJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
