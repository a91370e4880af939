import { connect, type Socket } from 'node:net';

/** A connection that a test sends bytes over as no HTTP client would. */
export class RawConnection {
  /** All that the server sent, once it has closed the connection for both sides; also where it broke it off. */
  readonly answered: Promise<string>;

  private isDripping = false;

  private constructor(private readonly socket: Socket) {
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => {});
    // One that drips goes on, and sees the end when nobody takes it any more.
    socket.on('end', () => this.isDripping || socket.end());
    this.answered = new Promise((resolve) => socket.once('close', () => resolve(received)));
  }

  /** `host` is an address and a port; `from` the address that it comes from. */
  static async to(host: string, from = '127.0.0.1'): Promise<RawConnection> {
    const [hostname, port] = host.split(':');
    // It ends its side only when told to: a hostile client does not mind that the server has ended.
    const socket = connect({ host: hostname, port: Number(port), localAddress: from, allowHalfOpen: true });
    const connection = new RawConnection(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return connection;
  }

  send(bytes: string): this {
    if (this.socket.writable) this.socket.write(bytes);
    return this;
  }

  /** Sends a text a byte at a time, again and again until the connection is closed. */
  drip(bytes: string, milliseconds: number): this {
    this.isDripping = true;
    let at = 0;
    const dripping = setInterval(() => this.send(bytes[at++ % bytes.length]), milliseconds);
    this.socket.once('close', () => clearInterval(dripping));
    return this;
  }

  /** Takes nothing that the server sends from now on. */
  stopReading(): this {
    this.socket.pause();
    return this;
  }

  end(): void {
    this.socket.destroy();
  }
}

/** The status of the first answer in what a server sent; undefined where there is none. */
export function statusIn(received: string): number | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(received) ?? [];
  return status === undefined ? undefined : Number(status);
}
