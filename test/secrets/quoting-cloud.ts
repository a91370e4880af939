import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const VERSIONS = { version: { id: 'v2.1', status: 'CURRENT', version: '2.92', min_version: '2.1' } };

/**
 * Plays a Keystone and a compute service that quote everything they receive, in the body and the headers of each answer. The first
 * segment of a path selects the status: below `/403` the log-in and the versions succeed and the rest is refused, and below
 * `/all-403` everything is. Below `/302` it redirects elsewhere, and below `/all-302` to a URL that quotes as well.
 */
export class QuotingCloud {
  /** The lines and bodies of all requests. */
  received = '';

  private constructor(
    private readonly server: Server,
    /** The token that it issues. */
    readonly token: string,
    /** Precedes what it quotes. */
    readonly mark: string,
    /** The target of its redirects. */
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
    // Headers may contain ASCII only.
    const inHeader = /^[ -~]*$/.test(quoted) ? quoted : this.mark;
    this.received += `${quoted}\n`;
    const [, all, word, path] = /^\/(all-)?(\w+)(\/.*)$/.exec(request.url!) ?? [];
    const isLogIn = path.endsWith('/auth/tokens');
    if (word === 'broken') {
      request.socket.end(`HTTP/1.1 200 OK\r\nX-Quoted: ${quoted}\0\r\n`);
      return;
    }
    const good = isLogIn ? 201 : 200;
    const status = all === undefined && (isLogIn || path === '/v2.1/') ? good : Number(word);
    const problem = { message: quoted, title: quoted, code: status };
    const body = status === good ? { ...VERSIONS, token: { user: { id: 'alice' } }, problem } : { error: problem };
    reply
      .writeHead(status, {
        'Content-Type': 'application/json',
        'X-Quoted': inHeader,
        'Set-Cookie': inHeader,
        ...(isLogIn && { 'X-Subject-Token': this.token }),
        ...(status === 302 && { Location: all ? `/200/?${encodeURIComponent(quoted)}` : this.elsewhere }),
      })
      .end(JSON.stringify(body));
  }
}
