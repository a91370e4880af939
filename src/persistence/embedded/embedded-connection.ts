import { Duplex } from 'node:stream';
import { type EmbeddedEngine, openEngine } from './embedded-engine.js';

/** The message type of Terminate (PostgreSQL documentation, "Message Formats"). */
const TERMINATE = 'X'.charCodeAt(0);

/**
 * Stands for the socket of the `pg` driver: bytes of the PostgreSQL protocol go to the embedded engine and back. The engine is
 * open as long as the connection, so a pool must have exactly one connection and keep it.
 */
export class EmbeddedConnection extends Duplex {
  private engine: EmbeddedEngine | undefined;

  constructor(
    private readonly directory: string,
    private readonly isSynced = true,
  ) {
    super();
  }

  /** Called by pg in place of net.Socket.connect; emits 'connect' when the engine is ready. */
  connect(): this {
    openEngine(this.directory, this.isSynced).then(
      (engine) => {
        this.engine = engine;
        this.emit('connect');
      },
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  override _read(): void {
    // Responses are pushed as they arrive.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (chunk[0] === TERMINATE) {
      this.push(null);
      done();
      return;
    }
    const { database } = this.engine!;
    database
      .runExclusive(() =>
        database.execProtocolRawStream(chunk, {
          onRawData: (data) => {
            this.push(Buffer.from(data));
          },
        }),
      )
      .then(() => done(), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const engine = this.engine;
    this.engine = undefined;
    if (!engine) {
      done(error);
      return;
    }
    engine.close().then(
      () => done(error),
      (closing: Error) => done(error ?? closing),
    );
  }

  /** Part of net.Socket that pg calls; there is no socket to set it on. */
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
