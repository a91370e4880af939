import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between the service and PostgreSQL, and can lose a statement or its answer. */
export class CuttingProxy {
  /** A statement that contains this text is delivered, and its answer is lost with the connection. Counts once. */
  loseAnswerTo: string | undefined;
  /** A statement that contains this text is lost with the connection before the server sees it. Counts once. */
  lose: string | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async before(target: number): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on('connection', (client) => proxy.join(client, connect(target, '127.0.0.1')));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket, database: Socket): void {
    let losesAnswers = false;
    for (const socket of [client, database]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        database.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (this.lose !== undefined && bytes.includes(this.lose)) {
        this.lose = undefined;
        client.destroy();
        return;
      }
      if (this.loseAnswerTo !== undefined && bytes.includes(this.loseAnswerTo)) {
        this.loseAnswerTo = undefined;
        losesAnswers = true;
      }
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (losesAnswers) client.destroy();
      else client.write(bytes);
    });
  }
}
