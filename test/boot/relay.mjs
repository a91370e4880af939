// Connects its standard input and output to a port of this host: QEMU starts one for each connection of the guest.
import { connect } from 'node:net';

const socket = connect(Number(process.argv[2]), '127.0.0.1');
process.stdin.pipe(socket).pipe(process.stdout);
socket.on('close', () => process.exit());
socket.on('error', () => process.exit(1));
