import type { Socket } from 'node:net';

/** For the client to read the answer before the connection is closed. */
const CLOSE_TIMEOUT_MS = 1_000;

export interface BrokenAnswer {
  /** As in `408 Request Timeout`. */
  readonly status: string;
  readonly contentType: string;
  readonly body: string;
}

/** The status for what Node's HTTP parser refuses, and a sentence for the client. */
export function brokenRequest({ code }: NodeJS.ErrnoException): { readonly status: string; readonly message: string } {
  return BROKEN_REQUESTS[code ?? ''] ?? INVALID_HTTP;
}

export const INVALID_HTTP = { status: '400 Bad Request', message: 'The request is no valid HTTP/1.1.' };

/** By the codes of Node's HTTP parser. docs/errors.md is printed from it. */
export const BROKEN_REQUESTS: Readonly<Record<string, { readonly status: string; readonly message: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: '408 Request Timeout', message: 'The request did not arrive in time.' },
  HPE_HEADER_OVERFLOW: { status: '431 Request Header Fields Too Large', message: 'The URL and headers are too long.' },
};

/**
 * Answers what is no request, is too long or comes too slowly, and closes the connection: there is only a socket then. A client
 * that goes on sending does not keep it open.
 */
export function refuseBroken(error: NodeJS.ErrnoException, socket: Socket, answer: BrokenAnswer): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, contentType, body } = answer;
  const headers = `Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}
