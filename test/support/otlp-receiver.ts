import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A span as it was received. Ids in hexadecimal. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  /** 2 is a server's, 3 a client's. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** 2 is an error, 0 is unset. */
  readonly status: number;
  /** The service.name of its resource. */
  readonly service: string;
}

/** A collector of OpenTelemetry: accepts OTLP over HTTP, in protobuf. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Path and headers of each export. */
  readonly exports: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  /** All bytes received. */
  readonly bytes: Buffer[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        this.exports.push({ path: request.url!, headers: request.headers });
        this.bytes.push(body);
        this.spans.push(...spansIn(body));
        response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
      });
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OtlpReceiver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** The fields of a protobuf message by their numbers. Lengths and varints here are less than 2^53; others stay bytes. */
class Message {
  private readonly fields: [number, number | Buffer][] = [];

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): number => {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = bytes[at++];
        value += (byte % 128) * scale;
        if (byte < 128) return value;
      }
    };
    const taken = (length: number): Buffer => bytes.subarray(at, (at += length));
    while (at < bytes.length) {
      const tag = varint();
      const type = tag % 8;
      const value = type === 0 ? varint() : taken(type === 2 ? varint() : type === 1 ? 8 : 4);
      this.fields.push([Math.floor(tag / 8), value]);
    }
  }

  all(field: number): Message[] {
    return this.fields.filter(([number]) => number === field).map(([, value]) => new Message(value as Buffer));
  }

  bytes(field: number): Buffer {
    return (this.fields.find(([number]) => number === field)?.[1] as Buffer | undefined) ?? Buffer.alloc(0);
  }

  number(field: number): number | undefined {
    return this.fields.find(([number]) => number === field)?.[1] as number | undefined;
  }
}

/** opentelemetry-proto: ExportTraceServiceRequest, ResourceSpans, ScopeSpans, Span. */
function spansIn(body: Buffer): ReceivedSpan[] {
  return new Message(body).all(1).flatMap((ofResource) => {
    const service = String(ofResource.all(1).map(attributesOf)[0]['service.name']);
    return ofResource.all(2).flatMap((ofScope) => ofScope.all(2).map((span) => spanOf(span, service)));
  });
}

function spanOf(span: Message, service: string): ReceivedSpan {
  return {
    traceId: span.bytes(1).toString('hex'),
    spanId: span.bytes(2).toString('hex'),
    parentId: span.bytes(4).toString('hex'),
    name: span.bytes(5).toString(),
    kind: span.number(6) ?? 0,
    attributes: pairsIn(span.all(9)),
    status: span.all(15)[0]?.number(3) ?? 0,
    service,
  };
}

const attributesOf = (resource: Message): Record<string, string | number> => pairsIn(resource.all(1));

/** KeyValue, with an AnyValue that is a string or an integer. */
function pairsIn(pairs: readonly Message[]): Record<string, string | number> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [value] = pair.all(2);
      return [pair.bytes(1).toString(), value.number(3) ?? value.bytes(1).toString()];
    }),
  );
}
