import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpClient } from '../http/client/http-client.js';
import { PublicAddresses, type Resolver } from './public-addresses.js';

/** By the reason for which none is public. */
const REFUSED: readonly (readonly [string, readonly string[]])[] = [
  ['this host', ['0.0.0.0', '0.1.2.3', '::']],
  ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
  ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fdff::1']],
  ['link-local, metadata services among them', ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0']],
  ['of an IPv6 metadata service', ['fd00:ec2::254']],
  ['shared by carriers', ['100.64.0.1', '100.127.255.255']],
  ['multicast and broadcast', ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1', 'ff0e::1']],
  [
    'reserved',
    ['192.0.0.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '240.0.0.1', '4000::1', 'fec0::1', '100::1'],
  ],
  ['for documents', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
  [
    'mapped from IPv4',
    ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::ffff:10.0.0.1', '::127.0.0.1', '::ffff:0:127.0.0.1'],
  ],
  ['translated to IPv4', ['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::a00:1']],
  ['tunnelled to IPv4', ['2002:7f00:1::1', '2002:a9fe:a9fe::', '2001::1', '2001:0:7f00:1::']],
  ['no address', ['', 'localhost', '127.1', '1.2.3.4.5']],
];
const PUBLIC = [
  '1.1.1.1',
  '93.184.215.14',
  '172.32.0.1',
  '100.128.0.1',
  '198.20.0.1',
  '2606:4700::1111',
  '2a00:1450::1',
];

const answers = (...addresses: string[]): Resolver => {
  return () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
};

/** What node:net gets of a lookup. */
const found = (addresses: PublicAddresses, options: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    addresses.lookup('hooks.example.com', options, (error, address) => (error ? reject(error) : resolve(address)));
  });

describe('a host that resolves to an address that is', () => {
  it.each(REFUSED.flatMap(([reason, all]) => all.map((address) => [reason, address])))(
    '%s, %s, is not connected to',
    async (_, address) => {
      await expect(found(new PublicAddresses([], answers(address)), { all: true })).rejects.toMatchObject({
        code: 'address-refused',
      });
    },
  );

  it.each(PUBLIC)('public, %s, is', async (address) => {
    const addresses = new PublicAddresses([], answers('127.0.0.1', address, 'fe80::1'));
    expect(await found(addresses, { all: true })).toEqual([{ address, family: address.includes(':') ? 6 : 4 }]);
    expect(await found(addresses, {})).toBe(address);
  });

  it.each([
    ['10.1.2.3', ['10.1.0.0/16']],
    ['::ffff:10.1.2.3', ['10.1.0.0/16']],
    ['fd12::7', ['192.168.0.1', 'fd12::/16']],
    ['192.168.0.1', ['192.168.0.1', 'fd12::/16']],
  ])('permitted, %s in %j, is', async (address, networks) => {
    expect(await found(new PublicAddresses(networks, answers(address)), {})).toBe(address);
  });
});

describe('a URL with an address in place of a name', () => {
  it.each([
    'https://127.0.0.1/',
    'https://0177.0.0.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://127.1/',
    'https://[::1]/',
    'https://[0:0:0:0:0:ffff:127.0.0.1]/',
    'https://[64:ff9b::127.0.0.1]/',
    'https://①②⑦.0.0.1/',
  ])('is refused for %s', (url) => {
    expect(() => new PublicAddresses([]).requireHost(new URL(url))).toThrow('is no public address');
  });

  it.each(['https://1.1.1.1/', 'https://[2606:4700::1111]/', 'https://hooks.example.com/'])('is not for %s', (url) => {
    expect(() => new PublicAddresses([]).requireHost(new URL(url))).not.toThrow();
  });
});

describe('a connection', () => {
  let server: Server;
  let url: URL;
  let requests = 0;

  beforeAll(async () => {
    server = createServer((_, reply) => {
      requests += 1;
      reply.writeHead(200, { Connection: 'close' }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://hooks.example.com:${(server.address() as AddressInfo).port}/`);
  });
  afterAll(() => {
    server.close();
  });

  /** Sends a request to the server under a name; the lookup is answered with each of these in turn. */
  const send = async (networks: string[], ...turns: string[]): Promise<number> => {
    const left = [...turns];
    const resolver: Resolver = (...args) => answers(left.shift()!)(...args);
    const client = new HttpClient({ lookup: new PublicAddresses(networks, resolver).lookup, statusOnly: true });
    const { status } = await client.send({ method: 'POST', url, json: '{}' });
    client.close();
    expect(left).toHaveLength(turns.length - 1);
    return status;
  };

  it('goes to the address that was checked: the name is resolved once', async () => {
    expect(await send(['127.0.0.1'], '127.0.0.1', '10.0.0.1')).toBe(200);
    expect(requests).toBe(1);
  });

  it('is not made to an inner address that a name leads to by now', async () => {
    requests = 0;
    await expect(send([], '127.0.0.1', '1.1.1.1')).rejects.toMatchObject({ cause: { code: 'address-refused' } });
    expect(requests).toBe(0);
  });
});
