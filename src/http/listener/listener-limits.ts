import type { Server, ServerOptions } from 'node:http';
import type { Config } from '../../config/config.js';
import { addressGroup } from '../../domain/ip-address.js';

/** Milliseconds between looks at what is overdue, at most. Node's own 30 seconds would let a slow-loris have several times its due. */
const CHECKING_INTERVAL = 2_000;

/** What is held of every client before anybody knows who it is, on each listener: how long it may take to ask. */
export function timeouts({ headersTimeoutSeconds, requestTimeoutSeconds, idleTimeoutSeconds }: Config): ServerOptions {
  return {
    headersTimeout: headersTimeoutSeconds * 1000,
    requestTimeout: requestTimeoutSeconds * 1000,
    keepAliveTimeout: idleTimeoutSeconds * 1000,
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL, headersTimeoutSeconds * 250),
  };
}

/**
 * Holds a listener to its number of connections, in all and from each address (of IPv6: each /64), and cuts off clients that do not take their
 * answer: nothing else bounds how long an answer may stand in memory.
 */
export function limitConnections(server: Server, config: Config, perAddress = config.maxConnectionsPerAddress): void {
  server.maxConnections = config.maxConnections;
  // The time counts while nothing moves, which it does not either while we wait for the database or for Keystone ourselves.
  server.setTimeout((config.stalledTimeoutSeconds + config.keystoneTimeoutSeconds) * 1000 + config.dbTimeoutMs);
  if (perAddress !== undefined) limitEachAddress(server, perAddress);
}

function limitEachAddress(server: Server, most: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = addressGroup(socket.remoteAddress ?? '');
    const others = open.get(address) ?? 0;
    if (others >= most) {
      socket.destroy();
      return;
    }
    open.set(address, others + 1);
    socket.once('close', () => {
      const left = open.get(address)! - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
