import { connect, type Socket } from 'node:net';

/** A connection for bytes that no HTTP client would send. */
export class RawConnection {
  /** Everything that the server sent, once it has closed the connection in both directions, or broken it off. */
  readonly answered: Promise<string>;

  private isDripping = false;

  private constructor(private readonly socket: Socket) {
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => {});
    // A dripping connection goes on, and sees the end when the server no longer accepts its bytes.
    socket.on('end', () => this.isDripping || socket.end());
    this.answered = new Promise((resolve) => socket.once('close', () => resolve(received)));
  }

  /** `host` is an address and a port; `from` the client's address. */
  static async to(host: string, from = '127.0.0.1'): Promise<RawConnection> {
    const [hostname, port] = host.split(':');
    // It ends its side only on close(): a hostile client does not care that the server has ended.
    const socket = connect({ host: hostname, port: Number(port), localAddress: from, allowHalfOpen: true });
    const connection = new RawConnection(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return connection;
  }

  send(bytes: string): this {
    if (this.socket.writable) this.socket.write(bytes);
    return this;
  }

  /** Sends a text one byte at a time, repeatedly, until the connection is closed. */
  drip(bytes: string, milliseconds: number): this {
    this.isDripping = true;
    let at = 0;
    const dripping = setInterval(() => this.send(bytes[at++ % bytes.length]), milliseconds);
    this.socket.once('close', () => clearInterval(dripping));
    return this;
  }

  /** From now on, reads nothing that the server sends. */
  stopReading(): this {
    this.socket.pause();
    return this;
  }

  end(): void {
    this.socket.destroy();
  }
}

/** The status of the first answer in what a server sent; undefined if there is none. */
export function statusIn(received: string): number | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(received) ?? [];
  return status === undefined ? undefined : Number(status);
}
