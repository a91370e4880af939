import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const VERSIONS = { version: { id: 'v2.1', status: 'CURRENT', version: '2.92', min_version: '2.1' } };

/**
 * Stands for a Keystone and a compute service that quote all they are sent, in the body and the headers of each answer. The first
 * word of a path says with what status: below `/403` the log-in and the versions are good and the rest is refused, and below
 * `/all-403` everything. Below `/302` it leads elsewhere, and below `/all-302` to a URL that quotes as well.
 */
export class QuotingCloud {
  /** The lines and bodies of all requests. */
  received = '';

  private constructor(
    private readonly server: Server,
    /** The token that it gives out. */
    readonly token: string,
    /** Stands beside what it quotes. */
    readonly mark: string,
    /** Where it sends those whom it redirects. */
    private readonly elsewhere: string,
  ) {}

  static async started(token: string, mark: string, elsewhere: string): Promise<QuotingCloud> {
    const server = createServer((request, reply) => void cloud.answer(request, reply)).listen(0, '127.0.0.1');
    const cloud = new QuotingCloud(server, token, mark, elsewhere);
    await once(server, 'listening');
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const quoted = `${this.mark} ${await text(request)} ${request.url} ${request.rawHeaders.join(' ')}`;
    // Headers bear nothing but ASCII.
    const inHeader = /^[ -~]*$/.test(quoted) ? quoted : this.mark;
    this.received += `${quoted}\n`;
    const [, all, word, path] = /^\/(all-)?(\w+)(\/.*)$/.exec(request.url!) ?? [];
    const isLogIn = path.endsWith('/auth/tokens');
    if (word === 'broken') {
      request.socket.end(`HTTP/1.1 200 OK\r\nX-Said: ${quoted}\0\r\n`);
      return;
    }
    const good = isLogIn ? 201 : 200;
    const status = all === undefined && (isLogIn || path === '/v2.1/') ? good : Number(word);
    const said = { message: quoted, title: quoted, code: status };
    const body = status === good ? { ...VERSIONS, token: { user: { id: 'alice' } }, said } : { error: said };
    reply
      .writeHead(status, {
        'Content-Type': 'application/json',
        'X-Said': inHeader,
        'Set-Cookie': inHeader,
        ...(isLogIn && { 'X-Subject-Token': this.token }),
        ...(status === 302 && { Location: all ? `/200/?${encodeURIComponent(quoted)}` : this.elsewhere }),
      })
      .end(JSON.stringify(body));
  }
}
