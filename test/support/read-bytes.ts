import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';

/** A TCP socket of this machine, as /proc/net/tcp lists it (proc(5)). */
interface TcpSocket {
  readonly port: number;
  readonly peerPort: number;
  /** Bytes that the other side has not acknowledged, and bytes that the owner has not read. */
  readonly unacknowledged: number;
  readonly unread: number;
  /** Whether a process owns it: until a server accepts a connection, none does. */
  readonly isOwned: boolean;
}

function tcpSockets(): TcpSocket[] {
  const lines = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/net/${file}`, 'utf8').trim().split('\n').slice(1),
  );
  return lines.map((line) => {
    const [, local, remote, , queues, , , , , inode] = line.trim().split(/\s+/);
    const [port, peerPort] = [local, remote].map((address) => parseInt(address.split(':')[1], 16));
    const [unacknowledged, unread] = queues.split(':').map((bytes) => parseInt(bytes, 16));
    return { port, peerPort, unacknowledged, unread, isOwned: inode !== '0' };
  });
}

/** Whether the server at the other end, on this machine, has accepted the connection and read all that was sent. */
export function isRead({ localPort, remotePort }: Socket): boolean {
  const sockets = tcpSockets();
  const client = sockets.find(({ port, peerPort }) => port === localPort && peerPort === remotePort);
  const server = sockets.find(({ port, peerPort }) => port === remotePort && peerPort === localPort);
  return client?.unacknowledged === 0 && server?.unread === 0 && server.isOwned;
}
