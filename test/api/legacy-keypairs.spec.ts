import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const publicKey = sshKeygen();

let extended: StartedApp;
let plain: StartedApp;

beforeAll(async () => {
  extended = await startApp();
  plain = await startApp({ EXTENDED_KEYPAIRS: 'false' });
});

afterAll(async () => {
  await extended?.stop();
  await plain?.stop();
});

/** Makes a keypair of each type, named after it, as clients of today do. */
async function haveBoth(client: Client): Promise<{ certificate: string }> {
  await client.at('2.2').post('/v2.1/os-keypairs', { keypair: { name: 'ssh', public_key: publicKey } });
  const made = await client.at('2.2').post('/v2.1/os-keypairs', { keypair: { name: 'x509', type: 'x509' } });
  return { certificate: (made.body as { keypair: { public_key: string } }).keypair.public_key };
}

describe('/v2 with os-extended-keypairs', () => {
  it.each(['X509', 'x509'])('makes a certificate where key_type is %s', async (keyType) => {
    const alice = extended.as(`alice-${keyType}`);
    const reply = await alice.post('/v2/os-keypairs', { keypair: { name: 'winrm', key_type: keyType } });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ keypair: { name: 'winrm', key_type: 'X509' } });
    expect((reply.body as { keypair: { public_key: string } }).keypair.public_key).toMatch(/^-----BEGIN CERTIFICATE/);
    await alice.delete('/v2/os-keypairs/winrm');
  });

  it.each([{}, { key_type: 'SSH' }, { key_type: 'ssh' }])('imports an SSH key with %j', async (type) => {
    const bob = extended.as('bob');
    const reply = await bob.post('/v2/os-keypairs', { keypair: { name: 'laptop', public_key: publicKey, ...type } });
    expect(reply.status).toBe(200);
    expect(Object.keys((reply.body as { keypair: object }).keypair).toSorted()).toEqual([
      'fingerprint',
      'key_type',
      'name',
      'public_key',
      'user_id',
    ]);
    expect(reply.body).toMatchObject({ keypair: { key_type: 'SSH', public_key: publicKey } });
    await bob.delete('/v2/os-keypairs/laptop');
  });

  it('imports a certificate as X509, and as a bad SSH key if no key_type is given', async () => {
    const { certificate } = await haveBoth(extended.as('carol'));
    const dora = extended.as('dora');
    const keypair = { name: 'winrm', public_key: certificate };
    expect((await dora.post('/v2/os-keypairs', { keypair })).status).toBe(400);
    const reply = await dora.post('/v2/os-keypairs', { keypair: { ...keypair, key_type: 'x509' } });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ keypair: { key_type: 'X509', public_key: certificate } });
  });

  it.each([
    ['dsa', "Value: dsa. 'dsa' is not one of ['SSH', 'X509']"],
    ['', "Value: . '' is not one of ['SSH', 'X509']"],
    [null, "Value: None. None is not of type 'string'"],
    [5, "Value: 5. 5 is not of type 'string'"],
  ])('refuses the key_type %j and lists the valid ones', async (keyType, reason) => {
    const reply = await extended.as('erin').post('/v2/os-keypairs', { keypair: { name: 'laptop', key_type: keyType } });
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      badRequest: { code: 400, message: `Invalid input for field/attribute key_type. ${reason}` },
    });
  });

  it('lists and shows keypairs of both types with their key_type', async () => {
    const frank = extended.as('frank');
    await haveBoth(frank);
    const list = await frank.get('/v2/frank/os-keypairs');
    expect(list.body).toMatchObject({
      keypairs: [{ keypair: { name: 'ssh', key_type: 'SSH' } }, { keypair: { name: 'x509', key_type: 'X509' } }],
    });
    expect((await frank.get('/v2/os-keypairs/x509')).body).toMatchObject({
      keypair: { key_type: 'X509', id: expect.any(Number) },
    });
    expect((await frank.get('/v2/os-keypairs/ssh')).body).toMatchObject({ keypair: { key_type: 'SSH' } });
  });

  it('does not mention key_type outside /v2', async () => {
    const grace = extended.as('grace');
    await haveBoth(grace);
    for (const version of ['2.1', '2.2', '2.104']) {
      expect((await grace.at(version).get('/v2.1/os-keypairs')).text).not.toContain('key_type');
    }
    const refused = await grace.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', key_type: 'SSH' } });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("Additional properties are not allowed ('key_type' was unexpected)");
  });

  it.each(['v2', 'v2.1', 'v2/heidi', 'v2.1/heidi'])('is among the extensions of /%s', async (api) => {
    const heidi = extended.as('heidi');
    const list = await heidi.get(`/${api}/extensions`);
    expect((list.body as { extensions: { alias: string }[] }).extensions.map(({ alias }) => alias)).toEqual([
      'os-keypairs',
      'os-extended-keypairs',
    ]);
    const one = await heidi.get(`/${api}/extensions/os-extended-keypairs`);
    expect(one.status).toBe(200);
    expect(one.body).toMatchObject({ extension: { alias: 'os-extended-keypairs', links: [] } });
  });
});

describe('/v2 without os-extended-keypairs', () => {
  it('lists and shows SSH keypairs only, without a key_type', async () => {
    const alice = plain.as('alice');
    await haveBoth(alice);
    const list = await alice.get('/v2/os-keypairs');
    expect(list.body).toMatchObject({ keypairs: [{ keypair: { name: 'ssh' } }] });
    expect(list.text).not.toContain('key_type');
    expect((await alice.get('/v2/os-keypairs/ssh')).status).toBe(200);
    const hidden = await alice.get('/v2/os-keypairs/x509');
    expect(hidden.status).toBe(404);
    expect(hidden.body).toEqual({
      itemNotFound: { code: 404, message: 'Keypair x509 not found for user alice' },
    });
  });

  it('still reserves the name of a hidden keypair, and deletes it by name', async () => {
    const bob = plain.as('bob');
    await haveBoth(bob);
    expect((await bob.post('/v2/os-keypairs', { keypair: { name: 'x509', public_key: publicKey } })).status).toBe(409);
    expect((await bob.delete('/v2/os-keypairs/x509')).status).toBe(202);
    expect((await bob.at('2.2').get('/v2.1/os-keypairs/x509')).status).toBe(404);
  });

  it('ignores a key_type, whatever it is, and makes an SSH keypair', async () => {
    const carol = plain.as('carol');
    const keypair = { name: 'laptop', public_key: publicKey, key_type: 'nonsense' };
    const reply = await carol.post('/v2/os-keypairs', { keypair });
    expect(reply.status).toBe(200);
    expect(reply.text).not.toContain('key_type');
  });

  it('shows both types at /v2.1 nevertheless', async () => {
    const dora = plain.as('dora');
    await haveBoth(dora);
    expect((await dora.at('2.1').get('/v2.1/os-keypairs')).body).toMatchObject({
      keypairs: [{ keypair: { name: 'ssh' } }, { keypair: { name: 'x509' } }],
    });
  });

  it.each(['v2', 'v2.1'])('is not among the extensions of /%s', async (api) => {
    const erin = plain.as('erin');
    expect((await erin.get(`/${api}/extensions`)).text).not.toContain('os-extended-keypairs');
    expect((await erin.get(`/${api}/extensions/os-extended-keypairs`)).status).toBe(404);
  });

  it('leaves the version documents as they are', async () => {
    expect((await plain.client.get('/v2/')).body).toMatchObject({ version: { id: 'v2.0', status: 'SUPPORTED' } });
    expect((await plain.client.get('/v2.1/')).body).toMatchObject({ version: { id: 'v2.1', status: 'CURRENT' } });
  });
});
