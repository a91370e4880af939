import { get } from 'node:http';

/** A reply with binary content. */
export interface Download {
  readonly status: number;
  readonly type: string | undefined;
  readonly retryAfter: string | undefined;
  readonly bytes: Buffer;
}

export function download(host: string, target: string, headers: Record<string, string>): Promise<Download> {
  return new Promise((resolve, reject) => {
    get(`http://${host}${target}`, { headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      answer.on('end', () => {
        const { 'content-type': type, 'retry-after': retryAfter } = answer.headers;
        resolve({ status: answer.statusCode!, type, retryAfter, bytes: Buffer.concat(chunks) });
      });
    }).on('error', reject);
  });
}

/** The bytes of a drive as text, with each random seed replaced by as many dots. */
export function withoutSeeds(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/("random_seed":")([^"]+)/g, (_, name: string, seed: string) => name + '.'.repeat(seed.length));
}
