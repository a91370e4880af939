import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { inNamespace } from '../support/namespace.js';
import { temporaryDirectory } from '../identity/identity-yaml.js';

jest.setTimeout(120_000);

/** The hypervisor: `br0` leads to one guest, which has a network of its own behind `eth0`. */
const MACHINES = `
  ip link add br0 type veth peer name eth0 address fa:16:3e:00:00:01
  unshare --net sleep infinity & guest=$!
  until [ "$(readlink /proc/$guest/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  ip link set eth0 netns $guest
  on_guest() { nsenter --target $guest --net "$@"; }
  ip address add 10.0.0.1/24 dev br0
  ip address add 169.254.169.254/32 dev lo
  ip address add fe80::a9fe:a9fe/64 dev br0 nodad
  ip link set br0 up
  on_guest ip address add 10.0.0.5/24 dev eth0
  on_guest ip link set eth0 up
  on_guest ip route add default via 10.0.0.1
  while on_guest ip -6 address show dev eth0 | grep -q tentative; do sleep 0.1; done`;

const SERVICE = `
  node dist/src/main.js > "$LOG" 2>&1 &
  until grep -q 'Guests find' "$LOG"; do kill -0 $! || { cat "$LOG"; exit 1; }; sleep 0.1; done
  grep 'Guests find' "$LOG"
  post() { curl -sf "http://127.0.0.1:8774$1" -H 'Content-Type: application/json' -d "$2" > /dev/null; }`;

describe('a guest on both IPv4 and IPv6', () => {
  const directory = temporaryDirectory();
  const settings = {
    PATH: process.env.PATH!,
    LOG: directory.file('log', ''),
    AUTH_MODE: 'none',
    DATA_DIR: 'memory://',
    METADATA_HOST: '169.254.169.254, fe80::a9fe:a9fe%br0',
    METADATA_PORT: '80',
  };
  afterAll(() => directory.remove());

  it('that is registered with an address and its MAC address reads the same at both, as cloud-init does', async () => {
    const printed = await inNamespace(
      `${MACHINES}
      ${SERVICE}
      post /v1/guests '{"guest": {"name": "web", "addresses": ["10.0.0.5", "fa:16:3e:00:00:01%br0"]}}'
      on_guest curl -sf -g 'http://[fe80::a9fe:a9fe%25eth0]/openstack' > /dev/null
      on_guest curl -sf -g 'http://[fe80::a9fe:a9fe%25eth0]/openstack/latest/meta_data.json'
      echo
      # Python's requests in Debian 12 accepts no zone in a URL, so here cloud-init itself has the IPv4 address only.
      on_guest /usr/bin/python3 test/guests/read_metadata.py http http://169.254.169.254
      on_guest ip address del fe80::f816:3eff:fe00:1/64 dev eth0
      on_guest ip address add fe80::5/64 dev eth0 nodad
      on_guest curl -s -g -o /dev/null -w '%{http_code}\\n' 'http://[fe80::a9fe:a9fe%25eth0]/openstack'`,
      settings,
    );
    const [listens, overIpv6, overIpv4, stranger] = printed.trim().split('\n');
    expect(listens).toBe(
      'Guests find their metadata at http://169.254.169.254:80/ and http://[fe80::a9fe:a9fe%25br0]:80/',
    );
    const { uuid } = JSON.parse(overIpv6) as { uuid: string };
    expect(JSON.parse(overIpv4)).toMatchObject({ id: uuid, hostname: 'web' });
    expect(stranger).toBe('404');
  });

  it('uses a session token of the one at the other', async () => {
    const printed = await inNamespace(
      `${MACHINES}
      ${SERVICE}
      post /v1/guests '{"guest": {"name": "web", "addresses": ["10.0.0.5", "fa:16:3e:00:00:01%br0"]}}'
      token=$(on_guest curl -sf -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 60')
      on_guest curl -s -g 'http://[fe80::a9fe:a9fe%25eth0]/latest/meta-data/hostname' -H "X-aws-ec2-metadata-token: $token"
      on_guest curl -s -o /dev/null -w '\\n%{http_code}\\n' http://169.254.169.254/latest/meta-data/hostname`,
      { ...settings, METADATA_TOKENS: 'required' },
    );
    expect(printed.trim().split('\n').slice(1)).toEqual(['web', '401']);
  });
});
