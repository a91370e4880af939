import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** Plays a collector of traces: accepts and keeps everything. */
export class Collector {
  readonly received: Buffer[] = [];
  private constructor(private readonly server: Server) {}

  static async started(): Promise<Collector> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const bytes = Buffer.concat(chunks);
        collector.received.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes);
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
      });
    }).listen(0, '127.0.0.1');
    const collector = new Collector(server);
    await once(server, 'listening');
    return collector;
  }

  /** The settings of OpenTelemetry for this collector. */
  get settings(): Record<string, string> {
    const { port } = this.server.address() as AddressInfo;
    return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '200' };
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
