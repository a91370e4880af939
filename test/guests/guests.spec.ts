import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client, Reply } from '../support/client.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

// A busy machine takes its time to start an application.
const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

interface Guest {
  readonly id: string;
  readonly [name: string]: unknown;
}
const guestOf = (reply: Reply): Guest => (reply.body as { guest: Guest }).guest;
const messageOf = (reply: Reply): string => Object.values<{ message: string }>(reply.body)[0].message;

describe('the registry of guests', () => {
  let service: StartedApp;
  let alice: Client;
  let bob: Client;
  let admin: Client;
  const key = sshKeygen('-C', 'alice@laptop');

  const create = (client: Client, guest: object): Promise<Reply> => client.post('/v1/guests', { guest });
  const patch = (client: Client, id: string, guest: object): Promise<Reply> =>
    client.send({ method: 'PATCH', target: `/v1/guests/${id}`, body: JSON.stringify({ guest }) });

  beforeAll(async () => {
    service = await startApp();
    alice = service.as('alice', 'blue');
    bob = service.as('bob', 'blue');
    admin = service.as('admin', 'ops');
    await alice.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: key } });
    const certificate = { name: 'winrm', type: 'x509', public_key: opensslCertificate() };
    await alice.at('2.2').post('/v2.1/os-keypairs', { keypair: certificate });
  });
  beforeEach(async () =>
    service.app
      .get<DataSource>(getDataSourceToken())
      .query('TRUNCATE guests, guest_addresses, guest_fetches, guest_host_keys, guest_nocloud_tokens, guest_usage'),
  );
  afterAll(async () => service?.stop());

  it('registers a guest with no more than a name', async () => {
    const reply = await create(alice, { name: 'Web Server_1' });
    expect(reply.status).toBe(201);
    expect(guestOf(reply)).toEqual({
      follow_keys: false,
      login_users: [],
      ssh_access: 'owner',
      ssh_ca: false,
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: 'Web Server_1',
      hostname: 'web-server-1',
      user_id: 'alice',
      project_id: 'blue',
      availability_zone: 'nova',
      network: 'default',
      addresses: [],
      key_names: [],
      keys: [],
      metadata: {},
      user_data: null,
      vendor_data: null,
      network_data: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      updated_at: null,
      last_fetched_at: null,
      agent: null,
    });
  });

  it('stores every field and shows it again', async () => {
    const given = {
      id: ID,
      name: 'web',
      hostname: 'web.example.org',
      availability_zone: 'az 1',
      addresses: ['10.0.0.5', '2001:db8::5'],
      metadata: { role: 'web', constructor: 'me', 'a.b:c-d_e': '' },
      user_data: Buffer.from('#!/bin/sh\n').toString('base64'),
      vendor_data: { 'cloud-init': '#cloud-config', nested: { constructor: [1, 2.5, null, true] } },
      network_data: {
        links: [{ id: 'tap0', type: 'ovs', ethernet_mac_address: 'fa:16:3e:00:00:01', mtu: 1500 }],
        networks: [{ id: 'network0', type: 'ipv4_dhcp', link: 'tap0' }],
        services: [{ type: 'dns', address: '10.0.0.1' }],
      },
    };
    const made = await create(alice, { ...given, key_names: ['laptop', 'winrm'] });
    expect(made.status).toBe(201);
    const shown = await alice.get(`/v1/guests/${ID}`);
    expect(guestOf(shown)).toEqual(guestOf(made));
    expect(guestOf(shown)).toMatchObject(given);
    expect(guestOf(shown).key_names).toEqual(['laptop', 'winrm']);
    expect(guestOf(shown).keys).toMatchObject([
      { name: 'laptop', type: 'ssh', public_key: key.trim() },
      { name: 'winrm', type: 'x509', public_key: expect.stringContaining('BEGIN CERTIFICATE') },
    ]);
  });

  it('normalises an address, however it was spelled', async () => {
    const reply = await create(alice, { name: 'a', addresses: ['2001:DB8:0:0::0001', '::ffff:10.0.0.7'] });
    expect(guestOf(reply).addresses).toEqual(['2001:db8::1', '10.0.0.7']);
  });

  it('keeps the copy of a key when the keypair is deleted, until the names are given again', async () => {
    await alice.post('/v2.1/os-keypairs', { keypair: { name: 'short-lived', public_key: key } });
    const { id } = guestOf(await create(alice, { name: 'a', key_names: ['short-lived'] }));
    await alice.delete('/v2.1/os-keypairs/short-lived');
    expect(guestOf(await alice.get(`/v1/guests/${id}`)).key_names).toEqual(['short-lived']);
    expect(guestOf(await patch(alice, id, { name: 'b' })).key_names).toEqual(['short-lived']);
    const again = await patch(alice, id, { key_names: ['short-lived'] });
    expect([again.status, messageOf(again)]).toEqual([
      400,
      expect.stringContaining('short-lived not found for user alice'),
    ]);
    expect(guestOf(await patch(alice, id, { key_names: ['laptop'] })).key_names).toEqual(['laptop']);
  });

  it('changes only the given fields, and removes those that are null', async () => {
    const { id } = guestOf(
      await create(alice, { name: 'a', user_data: 'YQ==', vendor_data: {}, metadata: { a: 'b' } }),
    );
    const reply = await patch(alice, id, { user_data: null, metadata: { c: 'd' }, addresses: ['10.0.0.9'] });
    expect(reply.status).toBe(200);
    expect(guestOf(reply)).toMatchObject({
      name: 'a',
      user_data: null,
      vendor_data: {},
      metadata: { c: 'd' },
      addresses: ['10.0.0.9'],
      updated_at: expect.any(String),
    });
    expect(guestOf(await alice.get(`/v1/guests/${id}`))).toEqual(guestOf(reply));
  });

  it('lets a guest keep its addresses in a change, in another order', async () => {
    const { id } = guestOf(await create(alice, { name: 'a', addresses: ['10.0.0.1', '10.0.0.2'] }));
    const reply = await patch(alice, id, { addresses: ['10.0.0.3', '10.0.0.2', '10.0.0.1'] });
    expect(guestOf(reply).addresses).toEqual(['10.0.0.3', '10.0.0.2', '10.0.0.1']);
  });

  it('gives an address to one guest in a network, and to another when the first one releases it', async () => {
    const first = guestOf(await create(alice, { name: 'a', addresses: ['10.0.0.1'] }));
    const taken = await create(bob, { name: 'b', addresses: ['::ffff:10.0.0.1'] });
    expect([taken.status, messageOf(taken)]).toEqual([409, expect.stringContaining("another guest's")]);
    expect((await create(bob, { name: 'b', addresses: ['10.0.0.1'], network: 'lab' })).status).toBe(201);
    const other = guestOf(await create(bob, { name: 'c', addresses: ['10.0.0.2'] }));
    expect((await patch(bob, other.id, { addresses: ['10.0.0.2', '10.0.0.1'] })).status).toBe(409);
    expect(guestOf(await bob.get(`/v1/guests/${other.id}`)).addresses).toEqual(['10.0.0.2']);
    await alice.delete(`/v1/guests/${first.id}`);
    expect((await patch(bob, other.id, { addresses: ['10.0.0.1'] })).status).toBe(200);
  });

  it('names the guest that has a taken address to an administrator, and to no other user', async () => {
    const { id } = guestOf(await create(alice, { name: 'a', addresses: ['10.0.0.1'] }));
    const requested = { name: 'b', addresses: ['10.0.0.2', '::FFFF:10.0.0.1'] };
    const refused = await create(bob, requested);
    expect([refused.status, messageOf(refused)]).toEqual([409, expect.not.stringMatching(/alice|[0-9a-f]{8}-/)]);
    const named = await create(admin, requested);
    expect([named.status, messageOf(named)]).toEqual([
      409,
      `Address 10.0.0.1 in the network default belongs to guest ${id} of user alice. ` +
        'Delete that guest, or remove the address from it.',
    ]);
    const other = guestOf(await create(bob, { name: 'c' }));
    expect(messageOf(await patch(admin, other.id, { addresses: ['10.0.0.1'] }))).toContain(`guest ${id} of user alice`);
  });

  it('turns a MAC address with its interface into the link-local address that a guest derives from it', async () => {
    const made = await create(alice, { name: 'm', addresses: ['FA:16:3e:00:00:01%br0', '02:00:00:00:00:0a%br0'] });
    expect(guestOf(made).addresses).toEqual(['fe80::f816:3eff:fe00:1%br0', 'fe80::ff:fe00:a%br0']);
    expect((await create(bob, { name: 'n', addresses: ['fe80::f816:3eff:fe00:1%br0'] })).status).toBe(409);
    for (const address of ['fa:16:3e:00:00:01', 'fa:16:3e:00:00%br0', 'fa:16:3e:00:00:0g%br0', 'fa:16:3e:00:00:01%']) {
      expect((await create(alice, { name: 'o', addresses: [address] })).status).toBe(400);
    }
  });

  it('keeps link-local addresses of two links apart, and refuses one without its interface', async () => {
    const first = await create(alice, { name: 'a', addresses: ['FE80:0::1%eth0'] });
    expect(guestOf(first).addresses).toEqual(['fe80::1%eth0']);
    expect((await create(bob, { name: 'b', addresses: ['fe80::1%eth1'] })).status).toBe(201);
    expect((await create(bob, { name: 'c', addresses: ['fe80::0001%eth0'] })).status).toBe(409);
    for (const address of ['fe80::1', 'FEBF::1', 'fe80:0:0:0:0:0:0:1']) {
      const refused = await create(bob, { name: 'd', addresses: [address] });
      expect([refused.status, messageOf(refused)]).toEqual([400, expect.stringMatching(/add the interface .*%eth0/)]);
    }
    for (const address of [
      '2001:db8::1%eth0',
      'fe80::1%a/b',
      'fe80::1%',
      `fe80::1%${'e'.repeat(16)}`,
      '::ffff:10.0.0.1%eth0',
    ]) {
      const refused = await create(bob, { name: 'd', addresses: [address] });
      expect([refused.status, messageOf(refused)]).toEqual([400, expect.stringContaining('is not an IPv4 or IPv6')]);
    }
  });

  it('gives an id to one guest, and to another when the first one is deleted', async () => {
    expect((await create(alice, { name: 'a', id: ID.toUpperCase() })).status).toBe(201);
    expect((await create(bob, { name: 'b', id: ID })).status).toBe(409);
    expect((await alice.delete(`/v1/guests/${ID}`)).status).toBe(204);
    expect((await create(bob, { name: 'b', id: ID })).status).toBe(201);
  });

  it('refuses the later of two concurrent changes with 409', async () => {
    const { id } = guestOf(await create(alice, { name: 'a' }));
    const replies = await Promise.all(['b', 'c', 'd', 'e'].map((name) => patch(alice, id, { name })));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
  });

  it('lists page after page, in the order of registration', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(alice, { name, user_data: 'YQ==' });
    await create(bob, { name: 'x' });
    const names: unknown[] = [];
    let target: string | undefined = '/v1/guests?limit=2';
    while (target !== undefined) {
      const { body } = await alice.get(target);
      const page = body as { guests: Guest[]; guests_links?: { rel: string; href: string }[] };
      names.push(page.guests.map(({ name }) => name));
      expect(page.guests[0]).not.toHaveProperty('user_data');
      target = page.guests_links?.[0].href.replace(/^http:\/\/[^/]+/, '');
    }
    expect(names).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    const all = await alice.get('/v1/guests');
    expect((all.body as { guests: Guest[] }).guests).toHaveLength(5);
    expect(all.body).not.toHaveProperty('guests_links');
    expect(((await alice.get('/v1/guests?limit=0')).body as { guests: Guest[] }).guests).toEqual([]);
  });

  it.each([
    ['no JSON object', null, 'None is not of type'],
    ['no name', {}, "'name' is a required property"],
    ['an empty name', { name: '' }, 'too short'],
    ['a name with a line end', { name: 'a\nb' }, 'U+000A'],
    ['a field that is not known', { name: 'a', flavor: 'big' }, 'Additional properties'],
    ['a field called constructor', { name: 'a', constructor: {} }, 'Additional properties'],
    ['an object with a constructor for a text', { name: { constructor: 'x' } }, "is not of type 'string'"],
    ['an invalid id', { name: 'a', id: '../../etc' }, "is not a 'uuid'"],
    ['an invalid hostname', { name: 'a', hostname: 'a b' }, 'hostname'],
    ['a hostname with a line end', { name: 'a', hostname: 'a\nb' }, 'hostname'],
    ['an invalid address', { name: 'a', addresses: ['10.0.0.1/24'] }, 'is not an IPv4 or IPv6 address'],
    ['a multicast address', { name: 'a', addresses: ['224.0.0.1'] }, 'not the address of a machine'],
    ['the unspecified address', { name: 'a', addresses: ['::'] }, 'not the address of a machine'],
    ['one address twice', { name: 'a', addresses: ['10.0.0.1', '::ffff:10.0.0.1'] }, 'non-unique'],
    ['addresses that are not a list', { name: 'a', addresses: '10.0.0.1' }, "is not of type 'array'"],
    ['a keypair that is not there', { name: 'a', key_names: ['nope'] }, 'Keypair nope not found for user alice'],
    ['a keypair twice', { name: 'a', key_names: ['laptop', 'laptop'] }, 'non-unique'],
    ['a key name that is not text', { name: 'a', key_names: [1] }, "1 is not of type 'string'"],
    ['metadata that is not text', { name: 'a', metadata: { a: 1 } }, "'a' is not of type 'string'"],
    ['a metadata name with a slash', { name: 'a', metadata: { 'a/b': '' } }, 'is no name'],
    ['user data that is no base64', { name: 'a', user_data: '#!/bin/sh' }, 'It is not base64'],
    ['vendor data that is not an object', { name: 'a', vendor_data: [] }, "not of type 'object'"],
    ['network data without links', { name: 'a', network_data: { networks: [] } }, 'links is required'],
  ])('refuses %s', async (_, guest, expected) => {
    const reply = await alice.post('/v1/guests', { guest });
    expect(reply.status).toBe(400);
    expect(messageOf(reply)).toContain(expected);
  });

  it('does not repeat user data that it refuses, which may hold passwords', async () => {
    const reply = await create(alice, { name: 'a', user_data: 'password: hunter2' });
    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain('hunter2');
  });

  it.each([
    ['a body of 112 KiB or more', { name: 'a'.repeat(120_000) }, 413],
    ['user data of more than 65535 characters', { name: 'a', user_data: 'AAAA'.repeat(16_384) }, 400],
  ])('refuses %s', async (_, guest, status) => {
    expect((await create(alice, guest)).status).toBe(status);
  });

  it('takes user data of nearly 64 KiB', async () => {
    const reply = await create(alice, { name: 'a', user_data: 'AAAA'.repeat(16_383) });
    expect(reply.status).toBe(201);
  });

  describe('of alice, when another user sends the request,', () => {
    beforeEach(async () => {
      await create(alice, { name: 'a', id: ID, addresses: ['10.0.0.1'] });
    });

    const REQUESTS: [string, string, string, string | undefined, number][] = [
      ['shows', 'GET', `/v1/guests/${ID}`, undefined, 200],
      ['changes', 'PATCH', `/v1/guests/${ID}`, '{"guest": {"name": "b"}}', 200],
      ['shows the password of', 'GET', `/v1/guests/${ID}/password`, undefined, 200],
      ['makes a drive for', 'GET', `/v1/guests/${ID}/config-drive`, undefined, 200],
      ['deletes', 'DELETE', `/v1/guests/${ID}`, undefined, 204],
    ];

    it.each(REQUESTS)('%s it to alice and the administrator only', async (_, method, target, body, status) => {
      const send = (client: Client, to: string = target): Promise<Reply> =>
        client.with({ Accept: 'application/x-tar' }).send({ method, target: to, ...(body && { body }) });
      const refused = await send(bob);
      const unknown = await send(bob, target.replace(ID, UNKNOWN));
      // The answer does not reveal that it exists.
      expect([refused.status, refused.text.replaceAll(ID, UNKNOWN)]).toEqual([404, unknown.text]);
      expect((await send(service.as('carol', 'red'))).status).toBe(404);
      expect((await send(method === 'DELETE' ? alice : admin)).status).toBe(status);
    });

    it.each(REQUESTS)('%s nothing for a malformed id', async (_, method, target, body) => {
      for (const id of ['nope', '%27%3B--', `${ID}x`, '..%2F..%2Fetc']) {
        const reply = await alice.send({ method, target: target.replace(ID, id), ...(body && { body }) });
        expect(reply.status).toBe(404);
        expect(reply.body).toHaveProperty('itemNotFound');
      }
    });

    it('lists it to alice, and to an administrator who names her', async () => {
      const count = async (client: Client, target: string): Promise<unknown> => {
        const { status, body } = await client.get(target);
        return status === 200 ? (body as { guests: unknown[] }).guests.length : status;
      };
      expect(await count(alice, '/v1/guests')).toBe(1);
      expect(await count(bob, '/v1/guests')).toBe(0);
      expect(await count(bob, '/v1/guests?user_id=alice')).toBe(403);
      expect(await count(admin, '/v1/guests')).toBe(0);
      expect(await count(admin, '/v1/guests?user_id=alice')).toBe(1);
      expect(await count(bob, `/v1/guests?marker=${ID}`)).toBe(400);
    });
  });

  it('lists the guests of all users to an administrator, page after page, and finds one by its address', async () => {
    const ids: string[] = [];
    for (const [at, client] of [alice, bob, alice, bob, alice].entries()) {
      ids.push(guestOf(await create(client, { name: 'a', addresses: [`10.0.0.${at + 1}`, `2001:db8::${at + 1}`] })).id);
    }
    const list = async (client: Client, query: string): Promise<unknown> => {
      const { status, body } = await client.get(`/v1/guests?${query}`);
      return status === 200 ? (body as { guests: Guest[] }).guests.map(({ id }) => id) : status;
    };
    expect(await list(admin, 'all_users=true')).toEqual(ids);
    expect(await list(admin, `all_users=true&limit=2&marker=${ids[1]}`)).toEqual([ids[2], ids[3]]);
    const first = (await admin.get('/v1/guests?all_users=true&limit=4')).body as { guests_links: { href: string }[] };
    expect(await list(admin, first.guests_links[0].href.split('?')[1])).toEqual([ids[4]]);
    expect(await list(admin, 'address=10.0.0.2')).toEqual([ids[1]]);
    expect(await list(admin, 'address=2001:DB8:0::3&all_users=true')).toEqual([ids[2]]);
    expect(await list(admin, 'address=10.0.0.2&user_id=alice')).toEqual([]);
    expect(await list(admin, 'address=10.0.0.2&all_users=false')).toEqual([]);
    expect(await list(alice, 'address=10.0.0.1')).toEqual([ids[0]]);
    expect(await list(alice, 'address=10.0.0.2')).toEqual([]);
    expect(await list(alice, 'all_users=true')).toBe(403);
    expect(await list(alice, 'all_users=false')).toEqual([ids[0], ids[2], ids[4]]);
    expect(await list(admin, 'all_users=maybe')).toBe(400);
    expect(await list(admin, 'address=10.0.0.2/24')).toBe(400);
  });

  it('lists the guests that hold a keypair, by its exact name, of a user or of all', async () => {
    await bob.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: key } });
    const both = await create(alice, { name: 'a', key_names: ['laptop', 'winrm'], addresses: ['10.0.0.1'] });
    const one = await create(alice, { name: 'b', key_names: ['laptop'] });
    const other = await create(bob, { name: 'c', key_names: ['laptop'] });
    await create(alice, { name: 'laptop' });
    const [first, second, third] = [both, one, other].map((reply) => guestOf(reply).id);
    const list = async (client: Client, query: string): Promise<unknown> => {
      const { status, body } = await client.get(`/v1/guests?${query}`);
      return status === 200 ? (body as { guests: Guest[] }).guests.map(({ id }) => id) : status;
    };
    expect(await list(alice, 'key_name=laptop')).toEqual([first, second]);
    expect(await list(alice, 'key_name=winrm')).toEqual([first]);
    expect(await list(admin, 'key_name=laptop')).toEqual([]);
    expect(await list(admin, 'key_name=laptop&all_users=true')).toEqual([first, second, third]);
    expect(await list(admin, 'key_name=laptop&user_id=bob')).toEqual([third]);
    expect(await list(admin, 'key_name=laptop&address=10.0.0.1')).toEqual([first]);
    expect(await list(admin, 'key_name=nothing&address=10.0.0.1')).toEqual([]);
    expect(await list(bob, 'key_name=laptop&user_id=alice')).toBe(403);
    for (const name of ['lapto', 'LAPTOP', 'ssh', '%25', '%22', '%5C', '%00', '']) {
      expect([name, await list(alice, `key_name=${name}`)]).toEqual([name, []]);
    }
    const page = (await admin.get('/v1/guests?key_name=laptop&all_users=true&limit=2')).body as {
      guests_links: { href: string }[];
    };
    expect(await list(admin, page.guests_links[0].href.split('?')[1])).toEqual([third]);

    await patch(alice, second, { key_names: [] });
    expect(await list(alice, 'key_name=laptop')).toEqual([first]);
    await bob.delete('/v2.1/os-keypairs/laptop');
    expect(await list(bob, 'key_name=laptop')).toEqual([third]);
  });

  it('registers for another user on behalf of an administrator, with the keys of the owner', async () => {
    expect((await create(bob, { name: 'a', user_id: 'alice' })).status).toBe(403);
    expect((await create(bob, { name: 'a', project_id: 'red' })).status).toBe(403);
    const reply = await create(admin, { name: 'a', user_id: 'alice', project_id: 'red', key_names: ['laptop'] });
    expect(guestOf(reply)).toMatchObject({ user_id: 'alice', project_id: 'red', key_names: ['laptop'] });
    expect((await create(admin, { name: 'b', key_names: ['laptop'] })).status).toBe(400);
  });

  it('answers an unknown path with a fault, and not with the list of Nova versions', async () => {
    for (const [method, target] of [
      ['GET', '/v1/guests/'],
      ['PUT', '/v1/guests'],
      ['DELETE', '/v1/guests'],
      ['POST', `/v1/guests/${ID}`],
      ['GET', `/v1/guests/${ID}/console`],
      ['GET', '/v1/nothing'],
    ] as const) {
      const reply = await alice.send({ method, target });
      expect([target, reply.status, Object.keys(reply.body)]).toEqual([target, 404, ['itemNotFound']]);
    }
  });
});
