import { afterAll, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../identity/identity-yaml.js';
import { inNamespace } from '../support/namespace.js';

/** Opens a connection from each given address, keeps them all, and prints the status that each is answered with. */
const ASK_FROM = String.raw`
import socket, sys
kept = []
for address in sys.argv[1:]:
    connection = socket.create_connection(("::1", 8774), source_address=(address, 0))
    kept.append(connection)
    try:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        print(address, connection.recv(1000)[9:12].decode() or "closed")
    except ConnectionError:
        print(address, "closed")
`;

describe('MAX_CONNECTIONS_PER_ADDRESS', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  it('counts the IPv6 addresses of one /64 together, since one client has them all', async () => {
    const crowd = ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:1:2:3', '2001:db8::4'];
    const neighbour = '2001:db8:0:1::1';
    const printed = await inNamespace(
      `for each in ${[...crowd, neighbour].join(' ')}; do ip address add $each/128 dev lo nodad; done
      node dist/src/main.js > "$LOG" 2>&1 &
      until grep -q 'listens on' "$LOG"; do kill -0 $! || { cat "$LOG"; exit 1; }; sleep 0.1; done
      python3 -c "$ASK_FROM" ${[...crowd, neighbour].join(' ')}`,
      {
        PATH: process.env.PATH!,
        LOG: directory.file('log', ''),
        ASK_FROM,
        AUTH_MODE: 'none',
        DATA_DIR: 'memory://',
        HOST: '::1',
        METADATA_MODE: 'off',
        MAX_CONNECTIONS_PER_ADDRESS: '3',
      },
    );
    const [first, second, third, fourth] = crowd;
    const answered = [first, second, third, neighbour].map((each) => `${each} 200`);
    expect(printed.trim().split('\n')).toEqual([...answered.slice(0, 3), `${fourth} closed`, answered[3]]);
  });
});
