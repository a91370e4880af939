import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Config } from '../../config/config.js';
import { addressGroup } from '../../domain/ip-address.js';

/**
 * The interval between checks for overdue requests. Node's default of 30 seconds would give a slowloris attack several times its
 * timeout.
 */
const CHECKING_INTERVAL_MS = 2_000;

/** The timeouts of requests on every listener, which apply before authentication. */
export function timeouts({ headersTimeoutSeconds, requestTimeoutSeconds, idleTimeoutSeconds }: Config): ServerOptions {
  return {
    headersTimeout: headersTimeoutSeconds * 1000,
    requestTimeout: requestTimeoutSeconds * 1000,
    keepAliveTimeout: idleTimeoutSeconds * 1000,
    connectionsCheckingInterval: Math.min(CHECKING_INTERVAL_MS, headersTimeoutSeconds * 250),
  };
}

/**
 * Limits the connections of a listener, in total and for each address (of IPv6: each /64), and closes those of clients that do not
 * read their response: nothing else bounds how long a response stays in memory.
 */
export function limitConnections(server: Server, config: Config, perAddress = config.maxConnectionsPerAddress): void {
  server.maxConnections = config.maxConnections;
  // Connections are also idle while the service waits for the database or for Keystone.
  server.setTimeout((config.stalledTimeoutSeconds + config.keystoneTimeoutSeconds) * 1000 + config.dbTimeoutMs);
  if (perAddress !== undefined) limitEachAddress(server, perAddress);
}

/** The response to the last request that came over each connection. */
const latest = new WeakMap<Socket, ServerResponse>();

/**
 * Handles pipelined requests in turn: each when the one before it is answered, and not at all if the connection ends with that
 * answer. So a client that does not read holds one answer in memory, and not one for each of the hundreds of requests in a packet.
 */
export function inTurn({ socket }: IncomingMessage, response: ServerResponse, handle: () => void): void {
  const earlier = latest.get(socket);
  latest.set(socket, response);
  if (earlier === undefined || earlier.closed) {
    handle();
    return;
  }
  const begin = (): void => {
    if (socket.writable) handle();
  };
  // A listener would otherwise run as part of the earlier request, and so would the spans of this one.
  earlier.once('close', AsyncResource.bind(begin));
}

function limitEachAddress(server: Server, max: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = addressGroup(socket.remoteAddress ?? '');
    const others = open.get(address) ?? 0;
    if (others >= max) {
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
