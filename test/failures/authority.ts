import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './cluster.js';

/** A certificate with its private key, as paths of PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority, made with OpenSSL. */
export class Authority {
  private made = 0;

  private constructor(private readonly directory: string) {}

  static async named(name: string): Promise<Authority> {
    const authority = new Authority(mkdtempSync(join(tmpdir(), 'latchkey-authority-')));
    const paths = ['-keyout', authority.path('ca.key'), '-out', authority.cert];
    await run('openssl', ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, ...paths]);
    return authority;
  }

  /** Its own certificate. */
  get cert(): string {
    return this.path('ca.pem');
  }

  /** A certificate for a server of that DNS name, or for a user of that name. */
  async certify(name: string): Promise<Certificate> {
    this.made += 1;
    const [cert, key, request] = ['pem', 'key', 'csr'].map((suffix) => this.path(`${this.made}.${suffix}`));
    const extensions = this.path('extensions');
    writeFileSync(extensions, `subjectAltName=DNS:${name}\n`);
    await run('openssl', ['req', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request]);
    const signer = ['-CA', this.cert, '-CAkey', this.path('ca.key'), '-set_serial', String(this.made)];
    const what = ['-in', request, '-out', cert, '-days', '2', '-extfile', extensions];
    await run('openssl', ['x509', '-req', ...signer, ...what]);
    return { cert, key };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private path(name: string): string {
    return join(this.directory, name);
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export const contentOf = (path: string): string => readFileSync(path, 'utf8');
