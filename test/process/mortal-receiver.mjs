// Receives webhooks, and writes a line for each to a file: `ID OWNER NAME`. Exits at one in fifty as if it were killed, before it has
// written or before it has answered. Arguments: the file, and the port, 0 for any.
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , file, port] = process.argv;
const log = openSync(file, 'a');
const dieAtRandom = () => Math.random() < 0.01 && process.kill(process.pid, 'SIGKILL');

const server = createServer((request, reply) => {
  let body = '';
  request.setEncoding('utf8').on('data', (/** @type {string} */ text) => (body += text));
  request.on('end', () => {
    const { data } = JSON.parse(body);
    dieAtRandom();
    writeSync(log, `${String(request.headers['webhook-id'])} ${data.user_id} ${data.name}\n`);
    dieAtRandom();
    reply.writeHead(204).end();
  });
});
server.listen(Number(port), '127.0.0.1', () => console.log(server.address().port));
