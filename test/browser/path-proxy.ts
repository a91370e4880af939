import { createServer, request as httpRequest, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A proxy that has put a service under a path of its own, and tells it nothing of that. */
export class PathProxy {
  private constructor(private readonly server: Server) {}

  /** `host` is where the service listens, `path` what the proxy cuts off, as in `/compute`. */
  static async of(host: string, path: string): Promise<PathProxy> {
    const server = createServer((asked, reply) => {
      const url = asked.url ?? '';
      if (!url.startsWith(`${path}/`)) return reply.writeHead(404).end();
      const [hostname, port] = host.split(':');
      const { method, headers } = asked;
      const passed = httpRequest({ method, hostname, port, path: url.slice(path.length), headers }, (answer) => {
        reply.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(reply);
      });
      return asked.pipe(passed);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new PathProxy(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
