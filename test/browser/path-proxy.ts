import { createServer, request as httpRequest, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A proxy that serves a service under a path of its own, without telling it by headers. */
export class PathProxy {
  private constructor(private readonly server: Server) {}

  /** `host` is where the service listens, `path` the prefix that the proxy strips, as in `/compute`. */
  static async of(host: string, path: string): Promise<PathProxy> {
    const server = createServer((request, reply) => {
      const url = request.url ?? '';
      if (!url.startsWith(`${path}/`)) return reply.writeHead(404).end();
      const [hostname, port] = host.split(':');
      const { method, headers } = request;
      const upstream = httpRequest({ method, hostname, port, path: url.slice(path.length), headers }, (answer) => {
        reply.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(reply);
      });
      return request.pipe(upstream);
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
