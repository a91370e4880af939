import type { Server } from 'node:http';

const SWEEP_INTERVAL_MS = 50;

/**
 * Closes a listener. It accepts no more connections; requests under way are answered, and then their connections closed; those
 * that last longer than the timeout are aborted. Never rejects, even if the server does not listen.
 */
export function closeListener(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL_MS);
    const done = (): void => {
      clearInterval(sweep);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      server.closeAllConnections();
      // TLS handshakes do not count as connections yet, and are not waited for.
      setTimeout(done, SWEEP_INTERVAL_MS);
    }, timeoutMs);
    server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
    server.close(done);
  });
}
