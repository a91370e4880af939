import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { readUserCertificate } from '../../src/crypto/ssh/user-certificate.js';
import { rotateAuthorityFile } from '../../src/ssh-ca/authority-file.js';
import { CertificatesService } from '../../src/ssh-certificates/certificates.service.js';
import type { Client, Reply } from '../support/client.js';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const [KEY, OTHER_KEY] = [sshKeygen('-C', 'alice@laptop').trim(), sshKeygen('-C', 'alice@desktop').trim()];
const directory = mkdtempSync(join(tmpdir(), 'latchkey-ssh-ca-'));
const KEY_FILE = join(directory, 'ssh-ca.key');

interface Issued {
  readonly serial: number;
  readonly key_id: string;
  readonly certificate: string;
  readonly principals: readonly string[];
  readonly valid_after: string;
  readonly valid_before: string;
}

let service: StartedApp;
let users = 0;

beforeAll(async () => {
  service = await startApp({ SSH_CA: 'on', SSH_CA_KEY_FILE: KEY_FILE });
});
afterAll(async () => {
  await service?.stop();
  rmSync(directory, { recursive: true });
});

/** A user with a keypair `laptop` and a guest that accepts certificates. */
async function newUser(guest: object = { ssh_ca: true }) {
  users += 1;
  const name = `user-${users}`;
  const client = service.as(name, 'blue');
  await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
  const made = await client.post('/v1/guests', { guest: { name: 'web', ...guest } });
  return { name, client, guestId: (made.body as { guest: { id: string } }).guest.id };
}

const issue = (client: Client, certificate: object): Promise<Reply> =>
  client.post('/v1/ssh-certificates', { certificate: { keypair: 'laptop', ...certificate } });
const issued = ({ body }: Reply): Issued => (body as { certificate: Issued }).certificate;
const messageOf = ({ body }: Reply): string => Object.values<{ message: string }>(body)[0].message;
const patch = (client: Client, target: string, body: object): Promise<Reply> =>
  client.send({ method: 'PATCH', target, body: JSON.stringify(body) });
const remove = (client: Client, target: string): Promise<Reply> => client.send({ method: 'DELETE', target });
const blobOf = (line: string): Buffer => Buffer.from(line.split(' ')[1], 'base64');

/** What ssh-keygen prints for a file with this content. */
function sshKeygenOn(content: string | Buffer, ...words: string[]): string {
  const file = join(directory, 'file');
  writeFileSync(file, content);
  return execFileSync('ssh-keygen', [...words, file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Whether ssh-keygen finds a certificate in the revocation list as it is now. */
async function isRevoked({ certificate }: Issued): Promise<boolean> {
  const krl = join(directory, 'krl');
  const reply = await fetch(`http://${service.client.host}/v1/ssh-ca/krl`);
  writeFileSync(krl, Buffer.from(await reply.arrayBuffer()));
  try {
    sshKeygenOn(certificate, '-Q', '-f', krl);
    return false;
  } catch (error) {
    return (error as { stdout: string }).stdout.includes('REVOKED');
  }
}

describe('an SSH certificate', () => {
  it('is for the keypair of the caller and the guests that it names, as ssh-keygen reads it', async () => {
    const { client, guestId, name } = await newUser();
    const reply = await issue(client, { guests: [guestId], source_addresses: ['10.0.0.0/8'], force_command: 'uptime' });
    expect(reply.status).toBe(201);
    const certificate = issued(reply);
    expect(certificate).toMatchObject({
      keypair: 'laptop',
      principals: [`latchkey:guest:${guestId}`],
      key_id: expect.stringMatching(new RegExp(`^latchkey:${name}:laptop:req-[0-9a-f-]{36}$`)),
    });
    const shown = sshKeygenOn(certificate.certificate, '-L', '-f');
    expect(shown).toContain(`Serial: ${certificate.serial}\n`);
    expect(shown).toContain(`latchkey:guest:${guestId}\n`);
    expect(shown).toMatch(/force-command uptime\n\s+source-address 10\.0\.0\.0\/8\n/);
    expect(shown).toMatch(/permit-port-forwarding\n\s+permit-pty\n/);
    expect(shown).not.toContain('permit-agent-forwarding');
    const { validAfter, validBefore, publicKey } = readUserCertificate(blobOf(certificate.certificate));
    // Valid two minutes ago, for a guest whose clock is behind, and for eight hours.
    expect(validAfter).toBeLessThan(Date.now() / 1000 - 120);
    expect(validBefore - validAfter).toBe(8 * 3600 + 180);
    expect(publicKey.equals(blobOf(KEY))).toBe(true);
  });

  it('ends with its keypair, and never after the maximum lifetime', async () => {
    const { client, guestId } = await newUser();
    const end = new Date(Date.now() + 600_000).toISOString();
    await patch(client, '/v1/keypairs/laptop', { keypair: { expires_at: end } });
    const { valid_before: before } = issued(await issue(client, { guests: [guestId], ttl: 'PT24H' }));
    expect(before.slice(0, 19)).toBe(end.slice(0, 19));
    const tooLong = await issue(client, { guests: [guestId], ttl: '25h' });
    expect([tooLong.status, messageOf(tooLong)]).toEqual([400, expect.stringContaining('1440 minutes')]);
  });

  it('is listed for its owner and for administrators, in pages, and for no one else', async () => {
    const { client, guestId, name } = await newUser();
    const other = (await newUser()).client;
    const serials = [];
    for (const ttl of ['1h', '2h', '3h']) serials.push(issued(await issue(client, { guests: [guestId], ttl })).serial);
    const list = async (by: Client, query = ''): Promise<{ serial: number; revoked: boolean }[]> =>
      ((await by.get(`/v1/ssh-certificates${query}`)).body as { certificates: { serial: number; revoked: boolean }[] })
        .certificates;
    expect((await list(client)).map(({ serial }) => serial)).toEqual(serials);
    expect((await list(client, `?limit=1&marker=${serials[0]}`)).map(({ serial }) => serial)).toEqual([serials[1]]);
    expect(await list(client, '?keypair=other')).toEqual([]);
    expect(await list(client, '?active=true')).toHaveLength(3);
    expect(await list(other)).toEqual([]);
    expect((await other.get(`/v1/ssh-certificates?user_id=${name}`)).status).toBe(403);
    expect((await other.get('/v1/ssh-certificates?all_users=true')).status).toBe(403);
    expect(await list(service.client, `?user_id=${name}`)).toHaveLength(3);
    expect((await list(service.client, '?all_users=true')).length).toBeGreaterThan(3);
    expect((await remove(other, `/v1/ssh-certificates/${serials[0]}`)).status).toBe(404);
    expect((await remove(client, '/v1/ssh-certificates/x')).status).toBe(404);
    expect((await remove(client, `/v1/ssh-certificates/${'9'.repeat(30)}`)).status).toBe(404);
  });

  it('has a serial number of its own, however many are requested at once', async () => {
    const { client, guestId } = await newUser();
    const replies = await Promise.all(Array.from({ length: 40 }, () => issue(client, { guests: [guestId] })));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    expect(new Set(replies.map((reply) => issued(reply).serial)).size).toBe(40);
  });
});

describe('the revocation list', () => {
  it('has a certificate that its owner revokes, and a tag that changes with it', async () => {
    const { client, guestId } = await newUser();
    const [one, two] = [await issue(client, { guests: [guestId] }), await issue(client, { guests: [guestId] })].map(
      issued,
    );
    const before = await service.client.get('/v1/ssh-ca/krl');
    expect(await isRevoked(one)).toBe(false);
    expect((await remove(client, `/v1/ssh-certificates/${one.serial}`)).status).toBe(204);
    await until(() => isRevoked(one), 'the certificate is revoked');
    expect(await isRevoked(two)).toBe(false);
    const after = await service.client.get('/v1/ssh-ca/krl');
    expect(after.headers.etag).not.toBe(before.headers.etag);
    const again = await service.client.with({ 'If-None-Match': after.headers.etag }).get('/v1/ssh-ca/krl');
    expect(again.status).toBe(304);
  });

  it.each<[string, (client: Client) => Promise<Reply>]>([
    ['deleted through os-keypairs', (client) => client.delete('/v2.1/os-keypairs/laptop')],
    ['deleted through /v1', (client) => remove(client, '/v1/keypairs/laptop')],
    ['expired', (client) => patch(client, '/v1/keypairs/laptop', { keypair: { expires_at: '2001-01-01' } })],
    [
      'given another key, whatever the overlap',
      (client) =>
        client
          .with({ 'If-Match': '*' })
          .put('/v1/keypairs/laptop?overlap=PT24H', { keypair: { public_key: OTHER_KEY } }),
    ],
    ['pruned', (client) => client.post('/v1/keypair-prunes', { prune: { name_prefix: 'laptop', dry_run: false } })],
  ])('has the certificates of a keypair that is %s', async (_, end) => {
    const { client } = await newUser();
    const { guestId } = await newUser();
    const own = (await client.post('/v1/guests', { guest: { name: 'db', ssh_ca: true } })).body as {
      guest: { id: string };
    };
    const certificate = issued(await issue(client, { guests: [own.guest.id] }));
    expect((await issue(client, { guests: [guestId] })).status).toBe(404);
    expect((await end(client)).status).toBeLessThan(300);
    await until(() => isRevoked(certificate), 'the certificate is revoked');
    const listed = (await client.get('/v1/ssh-certificates')).body as { certificates: { revoked: boolean }[] };
    expect(listed.certificates.map(({ revoked }) => revoked)).toEqual([true]);
  });

  it('keeps it when the keypair is created again, or gets its old key back', async () => {
    const { client, guestId } = await newUser();
    const replace = (public_key: string): Promise<Reply> =>
      client.with({ 'If-Match': '*' }).put('/v1/keypairs/laptop', { keypair: { public_key } });
    const rotated = issued(await issue(client, { guests: [guestId] }));
    await replace(OTHER_KEY);
    await replace(KEY);
    await until(() => isRevoked(rotated), 'the certificate is revoked');
    const deleted = issued(await issue(client, { guests: [guestId] }));
    expect(await isRevoked(deleted)).toBe(false);
    await remove(client, '/v1/keypairs/laptop');
    await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    await until(() => isRevoked(deleted), 'the certificate is revoked');
    expect(await isRevoked(rotated)).toBe(true);
  });

  it('loses expired certificates, and a month later their rows are deleted', async () => {
    const { client, guestId } = await newUser();
    const certificate = issued(await issue(client, { guests: [guestId] }));
    const { serial } = certificate;
    await remove(client, `/v1/ssh-certificates/${serial}`);
    await until(() => isRevoked(certificate), 'the certificate is revoked');
    const database = service.app.get<DataSource>(getDataSourceToken());
    const endDaysAgo = (days: number): Promise<unknown> =>
      database.query(
        `UPDATE ssh_certificates SET valid_before = timezone('utc', now()) - $1 * interval '1 day' WHERE serial = $2`,
        [days, serial],
      );
    await endDaysAgo(1);
    await until(async () => !(await isRevoked(certificate)), 'the list is without it');
    const certificates = service.app.get(CertificatesService);
    await certificates.prune();
    expect((await client.get('/v1/ssh-certificates')).text).toContain(`"serial":${serial},`);
    await endDaysAgo(31);
    await certificates.prune();
    expect((await client.get('/v1/ssh-certificates')).text).not.toContain(`"serial":${serial},`);
  });
});

describe('a certificate is refused', () => {
  it.each([
    ['that admits no user', {}, 400, 'needs a principal'],
    ['for no guests', { guests: [] }, 400, 'From 1 to 256'],
    ['for the name of a guest', { guests: ['web'] }, 400, 'not the id of a guest'],
    ['for a guest that is not there', { guests: ['0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a'] }, 404, 'could not be found'],
    [
      'for an account, which only administrators may name',
      { principals: ['root'] },
      403,
      'latchkey:ssh-certificates:principals',
    ],
    ['for a principal with a line end', { principals: ['a\nb'] }, 400, 'is not a principal'],
    ['for a pattern', { principals: ['*'] }, 400, 'is not a principal'],
    ['from a network with bits beyond its prefix', { project: true, source_addresses: ['10.0.0.1/8'] }, 400, 'CIDR'],
    ['with a command of two lines', { project: true, force_command: 'a\nb' }, 400, 'U+000A'],
    ['with an unknown extension', { project: true, extensions: ['permit-all'] }, 400, 'permit-pty'],
    ['for no time', { project: true, ttl: '0m' }, 400, 'duration'],
    ['of a missing keypair', { project: true, keypair: 'none' }, 404, 'none'],
  ])('%s', async (_, fields, status, message) => {
    const { client } = await newUser();
    const reply = await issue(client, fields);
    expect([reply.status, messageOf(reply)]).toEqual([status, expect.stringContaining(message)]);
    expect((await client.get('/v1/ssh-certificates')).body).toEqual({ certificates: [] });
  });

  it('for a keypair that holds a certificate or has expired, and for a guest that accepts no certificates', async () => {
    const { client, guestId } = await newUser({});
    const unprepared = await issue(client, { guests: [guestId] });
    expect([unprepared.status, messageOf(unprepared)]).toEqual([400, expect.stringContaining('ssh_ca')]);
    await client.put('/v1/keypairs/winrm', { keypair: { public_key: opensslCertificate() } });
    expect((await issue(client, { keypair: 'winrm', project: true })).status).toBe(400);
    await patch(client, '/v1/keypairs/laptop', { keypair: { expires_at: '2001-01-01' } });
    const expired = await issue(client, { project: true });
    expect([expired.status, messageOf(expired)]).toEqual([400, expect.stringContaining('has expired')]);
  });

  it('for a malformed list of principals, even from administrators; a good one is signed unchanged', async () => {
    const admin = service.client;
    await admin.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    const odd = fc.string({
      unit: fc.constantFrom('a', 'root', ':', '"', ',', '\n', ' ', '\u202e', '*', '%', '\0', '𝒌'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(odd, { maxLength: 4 }), async (principals) => {
        const reply = await issue(admin, { principals });
        const isClean = principals.length > 0 && principals.every((each) => /^[a-z:]{1,255}$/.test(each));
        const isSet = new Set(principals).size === principals.length;
        expect([principals, reply.status]).toEqual([principals, isClean && isSet ? 201 : 400]);
        const signed =
          reply.status === 201 ? readUserCertificate(blobOf(issued(reply).certificate)).principals : principals;
        expect(signed).toEqual(principals);
      }),
      { numRuns: 60 },
    );
  });
});

describe('members of a project', () => {
  it('get certificates for guests that are open to the project, and for no others', async () => {
    const { guestId: closed } = await newUser();
    const { guestId: open } = await newUser({ ssh_ca: true, ssh_access: 'project' });
    const { client } = await newUser();
    const outsider = service.as('mallory', 'red');
    await outsider.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    expect((await issue(client, { guests: [closed] })).status).toBe(404);
    expect(issued(await issue(client, { guests: [open] })).principals).toEqual([`latchkey:guest:${open}`]);
    expect(issued(await issue(client, { project: true })).principals).toEqual(['latchkey:project:blue']);
    expect((await issue(outsider, { guests: [open] })).status).toBe(404);
    expect(issued(await issue(outsider, { project: true })).principals).toEqual(['latchkey:project:red']);
  });

  it('whose project has an odd name get a well-formed principal of that project alone', async () => {
    const odd = service.as('eve', 'a,b" c');
    await odd.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    expect(issued(await issue(odd, { project: true })).principals).toEqual([
      expect.stringMatching(/^latchkey:project:sha256:[0-9a-f]{64}$/),
    ]);
  });
});

describe('the key of the authority', () => {
  it('is in a private file, and hosts read its public half without a token', async () => {
    expect(statSync(KEY_FILE).mode & 0o777).toBe(0o600);
    expect(readFileSync(KEY_FILE, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/);
    const lines = (await service.client.with({ 'X-Auth-Token': '' }).get('/v1/ssh-ca/user.pub')).text;
    const { user } = (await service.client.get('/v1/ssh-ca')).body as {
      user: { keys: { public_key: string; fingerprint: string; state: string }[] };
    };
    expect(user.keys.map(({ state }) => state)).toEqual(['active']);
    expect(lines).toBe(`${user.keys[0].public_key}\n`);
    expect(sshKeygenOn(lines, '-l', '-f')).toContain(user.keys[0].fingerprint);
  });

  it('is rotated while certificates are signed: guests trust the next key before it signs, and still trust the previous one', async () => {
    const file = join(directory, 'rotated.key');
    const rotating = await startApp({ SSH_CA: 'on', SSH_CA_KEY_FILE: file, SSH_CA_TYPE: 'ecdsa' });
    const client = rotating.as('alice', 'blue');
    await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    const states = async (): Promise<string[]> => {
      const { user } = (await rotating.client.get('/v1/ssh-ca')).body as { user: { keys: { state: string }[] } };
      return user.keys.map(({ state }) => state);
    };
    const trusted = async (): Promise<string[]> =>
      (await rotating.client.get('/v1/ssh-ca/user.pub')).text.trim().split('\n');
    const signedBy = async (): Promise<string> => {
      const reply = await issue(client, { project: true });
      expect(reply.status).toBe(201);
      return readUserCertificate(blobOf(issued(reply).certificate)).signerKey.toString('base64');
    };
    const first = await signedBy();
    rotateAuthorityFile(file, 'ed25519');
    await until(async () => {
      expect(await signedBy()).toBe(first);
      return (await states()).length === 2;
    }, 'the next key is trusted');
    const [, next] = await trusted();
    rotateAuthorityFile(file, 'ed25519');
    await until(async () => next.includes(await signedBy()), 'the next key signs');
    expect(await states()).toEqual(['active', 'retired']);
    expect((await trusted())[1]).toContain(first);
    expect(readFileSync(file, 'utf8').match(/BEGIN PRIVATE KEY/g)).toHaveLength(1);
    writeFileSync(file, 'broken');
    expect(next).toContain(await signedBy());
    await rotating.stop();
  });

  it('may be in an SSH agent, and without the agent nothing is signed', async () => {
    const socket = join(directory, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const ended = once(agent, 'exit');
    await until(() => statSync(socket, { throwIfNoEntry: false }), 'the agent listens');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'agent-ca')]);
    execFileSync('ssh-add', ['-q', join(directory, 'agent-ca')], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const held = await startApp({ SSH_CA: 'on', SSH_CA_AGENT: socket });
    const client = held.as('alice', 'blue');
    await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    const { certificate } = issued(await issue(client, { project: true }));
    const authority = readFileSync(join(directory, 'agent-ca.pub'), 'utf8');
    expect(readUserCertificate(blobOf(certificate)).signerKey.equals(blobOf(authority))).toBe(true);
    agent.kill();
    await ended;
    const away = await issue(client, { project: true });
    expect([away.status, messageOf(away)]).toEqual([503, expect.stringContaining('Try again')]);
    expect(((await client.get('/v1/ssh-certificates')).body as { certificates: unknown[] }).certificates).toHaveLength(
      1,
    );
    await held.stop();
  });

  it.each([
    ['is readable by others', 0o644, '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n', 'chmod 600'],
    ['holds something else', 0o600, 'a secret that no message may show\n', 'must hold one or two private keys'],
  ])('stops the start if its file %s', async (_, mode, content, message) => {
    const file = join(directory, `bad-${mode}.key`);
    writeFileSync(file, content, { mode });
    const start = startApp({ SSH_CA: 'on', SSH_CA_KEY_FILE: file });
    await expect(start).rejects.toThrow(message);
    await expect(start).rejects.not.toThrow('a secret');
  });
});

describe('without SSH_CA=on', () => {
  it('there is no authority, and each of its routes reports that', async () => {
    const plain = await startApp();
    const client = plain.as('alice', 'blue');
    await client.put('/v1/keypairs/laptop', { keypair: { public_key: KEY } });
    const replies = [
      await issue(client, { project: true }),
      await client.get('/v1/ssh-certificates'),
      await remove(client, '/v1/ssh-certificates/1'),
      ...(await Promise.all(['', '/user.pub', '/krl'].map((path) => plain.client.get(`/v1/ssh-ca${path}`)))),
    ];
    expect(replies.map((reply) => [reply.status, messageOf(reply)])).toEqual(
      replies.map(() => [404, expect.stringContaining('SSH_CA=on')]),
    );
    await plain.stop();
  });
});
