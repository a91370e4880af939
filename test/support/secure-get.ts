import { get } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** An answer over TLS, whatever name the certificate has. */
export interface SecureAnswer {
  readonly status: number;
  readonly text: string;
  /** The common name in the certificate of the server. */
  readonly shown: string;
}

/** Sends a request over a connection of its own. `host` is an address and a port. */
export function secureGet(host: string, path: string, headers: Record<string, string> = {}): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    get(`https://${host}${path}`, { rejectUnauthorized: false, agent: false, headers }, (answer) => {
      const shown = String((answer.socket as TLSSocket).getPeerCertificate().subject.CN);
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, text, shown }));
    }).on('error', reject);
  });
}
