import type { Server } from 'node:http';

/** Milliseconds between looks for connections whose last answer is out. */
const SWEEP = 50;

/**
 * Ends a listener. It takes no more connections; what is under way is answered, and its connection closed after that; what is
 * not done after `patience` milliseconds is cut off. Never rejects, not either where nothing listens.
 */
export function closed(server: Server, patience: number): Promise<void> {
  return new Promise((resolve) => {
    const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP);
    const done = (): void => {
      clearInterval(sweeping);
      clearTimeout(impatience);
      resolve();
    };
    const impatience = setTimeout(() => {
      server.closeAllConnections();
      // Handshakes of TLS are no connections yet, and are not waited for.
      setTimeout(done, SWEEP);
    }, patience);
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    server.close(done);
  });
}
