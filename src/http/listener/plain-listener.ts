import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Config, InvalidConfig } from '../../config/config.js';
import { type BrokenAnswer, refuseBroken } from './broken-request.js';
import { closeListener } from './close-listener.js';
import { inTurn, limitConnections, timeouts } from './listener-limits.js';

export interface PlainListenerOptions {
  readonly config: Config;
  /** The prefix of its settings, as in METADATA_HOST and METADATA_PORT. */
  readonly settings: 'ADMIN' | 'METADATA';
  readonly hosts: readonly string[];
  readonly port: number;
  /** Bytes of a request's line and headers together; Node's default unless given. */
  readonly maxHeaderSize?: number;
  /** As MAX_CONNECTIONS_PER_ADDRESS unless given. */
  readonly connectionsPerAddress?: number | undefined;
  /** Answers a request; never rejects. */
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The answer to what is not HTTP, too long or too slow. */
  readonly broken: (error: NodeJS.ErrnoException) => BrokenAnswer;
}

/**
 * A listener beside the API's, with Node's own servers under the limits of the API's: for guests and for operators, whose
 * requests are small and have one handler.
 */
export class PlainListener {
  private constructor(
    private readonly servers: readonly Server[],
    private readonly config: Config,
  ) {}

  /** Listens on each host. Throws InvalidConfig if it cannot. */
  static async open(options: PlainListenerOptions): Promise<PlainListener> {
    const listener = new PlainListener(
      options.hosts.map(() => newServer(options)),
      options.config,
    );
    try {
      await Promise.all(options.hosts.map((host, index) => listen(listener.servers[index], host, options)));
    } catch (error) {
      await listener.close();
      throw error;
    }
    return listener;
  }

  get addresses(): readonly AddressInfo[] {
    return this.servers.map((server) => server.address() as AddressInfo);
  }

  /** Finishes running requests and closes. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => closeListener(server, this.config.shutdownSeconds * 1000)));
  }
}

function newServer(options: PlainListenerOptions): Server {
  const { config, maxHeaderSize, connectionsPerAddress, serve, broken } = options;
  // Requests have hardly any body, so the whole request has the timeout of the headers at the API.
  const requestTimeout = config.headersTimeoutSeconds * 1000;
  const server = createServer({
    ...timeouts(config),
    requestTimeout,
    ...(maxHeaderSize !== undefined && { maxHeaderSize }),
  });
  limitConnections(server, config, connectionsPerAddress);
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    inTurn(request, response, () => void serve(request, response));
  return server
    .on('request', answer)
    .on('checkExpectation', answer)
    .on('clientError', (error, socket) => refuseBroken(error, socket as Socket, broken(error)));
}

function listen(server: Server, host: string, { settings, port }: PlainListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const problem = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on: ${message}`;
      const remedy = `Choose another ${settings}_HOST or ${settings}_PORT`;
      reject(new InvalidConfig([`${settings}_PORT ${port} of ${host} ${problem}. ${remedy}${OFF[settings]}.`]));
    });
    server.listen({ host, port }, resolve);
  });
}

/** How to turn off each listener. */
const OFF = { ADMIN: ', or unset ADMIN_PORT', METADATA: ', or set METADATA_MODE=off' } as const;
