import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import type { Client, Reply } from '../support/client.js';
import { opensslCertificate, sshFingerprint, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

jest.setTimeout(120_000);

interface Row {
  readonly version: number;
  readonly fingerprint: string;
  readonly [member: string]: unknown;
}
const rowOf = (reply: Reply): Row => (reply.body as { keypair: Row }).keypair;
const faultOf = (reply: Reply): [number, string] => [reply.status, Object.keys(reply.body)[0]];
const messageOf = (reply: Reply): string => Object.values<{ message: string }>(reply.body)[0].message;

let service: StartedApp;
let users = 0;
const keys = Array.from({ length: 4 }, (_, index) => sshKeygen('-C', `key-${index}`));

/** A new user for each test. */
const someone = (): Client => service.as(`user-${(users += 1)}`, 'blue');
const put = (client: Client, name: string, keypair: object, query = ''): Promise<Reply> =>
  client.put(`/v1/keypairs/${name}${query}`, { keypair });
const patch = (client: Client, name: string, keypair: object): Promise<Reply> =>
  client.send({ method: 'PATCH', target: `/v1/keypairs/${name}`, body: JSON.stringify({ keypair }) });
const ifMatch = (client: Client, tag: string): Client => client.with({ 'If-Match': tag });

beforeAll(async () => {
  service = await startApp({ KEYPAIR_QUOTA: '12' });
});
afterAll(async () => service?.stop());

describe('PUT', () => {
  it('creates a missing keypair, and os-keypairs shows it', async () => {
    const user = someone();
    const tags = { team: 'blue', constructor: 'me' };
    const made = await put(user, 'ci', { public_key: keys[0], tags, note: 'build 7', expires_at: '2100-01-01' });
    expect([made.status, made.headers.etag]).toEqual([201, '"1"']);
    const expected = { version: 1, tags, note: 'build 7', expires_at: '2100-01-01T00:00:00.000000' };
    expect(rowOf(made)).toMatchObject(expected);
    expect(rowOf(await user.get('/v1/keypairs/ci'))).toEqual(rowOf(made));
    const nova = rowOf(await user.at('2.92').get('/v2.1/os-keypairs/ci'));
    expect(nova).toMatchObject({
      name: 'ci',
      public_key: keys[0],
      fingerprint: sshFingerprint(keys[0]),
      updated_at: null,
    });
  });

  it('of the same keypair changes nothing, whatever the comment of the key', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0], note: 'first' });
    const same = keys[0].trim().replace('key-0', 'another comment');
    const again = await put(user, 'ci', { public_key: same });
    expect([again.status, again.headers.etag]).toEqual([200, '"1"']);
    expect(rowOf(again)).toMatchObject({ note: 'first', public_key: keys[0], updated_at: null });
    const noted = await put(user, 'ci', { public_key: same, note: null });
    expect([noted.status, noted.headers.etag]).toEqual([200, '"2"']);
    expect(rowOf(noted)).toMatchObject({ note: null, public_key: keys[0], updated_at: expect.any(String) });
  });

  it('of another key is refused without If-Match, and replaces the key with it', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0] });
    const refused = await put(user, 'ci', { public_key: keys[1] });
    expect(faultOf(refused)).toEqual([409, 'keypairDiffers']);
    expect(messageOf(refused)).toContain('If-Match: "1"');
    const rotated = await put(ifMatch(user, '"1"'), 'ci', { public_key: keys[1] });
    expect([rotated.status, rotated.headers.etag]).toEqual([200, '"2"']);
    expect(rowOf(rotated)).toMatchObject({ fingerprint: sshFingerprint(keys[1]), public_key: keys[1] });
    expect(rowOf(await user.get('/v1/keypairs/ci'))).toEqual(rowOf(rotated));
    expect((await put(ifMatch(user, '*'), 'ci', { public_key: keys[2] })).headers.etag).toBe('"3"');
  });

  it('may replace an SSH key by a certificate', async () => {
    const user = someone();
    await put(user, 'win', { public_key: keys[0] });
    expect((await put(user, 'win', { public_key: opensslCertificate() })).status).toBe(409);
    const rotated = await put(ifMatch(user, '*'), 'win', { public_key: opensslCertificate() });
    expect(rowOf(rotated)).toMatchObject({ type: 'x509', version: 2, certificate: { subject: 'CN=alice' } });
  });

  it('leaves os-keypairs with the exact bytes of the current key, no time of the change, and the same id and order', async () => {
    const user = someone();
    for (const name of ['a', 'b', 'c']) await put(user, name, { public_key: keys[0] });
    const before = rowOf(await user.get('/v2.1/os-keypairs/b'));
    await put(ifMatch(user, '*'), 'b', { public_key: `${keys[1].trim()}  \r\n` });
    const after = rowOf(await user.get('/v2.1/os-keypairs/b'));
    const changed = { public_key: `${keys[1].trim()}  \r\n`, fingerprint: sshFingerprint(keys[1]) };
    expect(after).toEqual({ ...before, ...changed });
    expect(after.updated_at).toBeNull();
    const listed = (await user.get('/v2.1/os-keypairs')).body as { keypairs: { keypair: { name: string } }[] };
    expect(listed.keypairs.map(({ keypair }) => keypair.name)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [{ 'If-Match': '"2"' }, 412],
    [{ 'If-Match': 'W/"1"' }, 412],
    [{ 'If-None-Match': '*' }, 412],
    [{ 'If-None-Match': '"1"' }, 412],
    [{ 'If-Match': '"1"', 'If-None-Match': '*' }, 412],
    [{ 'If-Match': '1' }, 400],
    [{ 'If-Match': '"1"' }, 200],
    [{ 'If-Match': '"7", "1"', 'If-None-Match': '"2"' }, 200],
  ])('of a keypair at version 1 with %j is answered %d', async (headers, status) => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0] });
    expect((await put(user.with(headers), 'ci', { public_key: keys[1] })).status).toBe(status);
    const { fingerprint } = rowOf(await user.get('/v1/keypairs/ci'));
    expect(fingerprint).toBe(sshFingerprint(keys[status === 200 ? 1 : 0]));
  });

  it.each([
    [{ 'If-Match': '*' }, 412],
    [{ 'If-Match': '"1"' }, 412],
    [{ 'If-None-Match': '*' }, 201],
    [{ 'If-None-Match': '"1"' }, 201],
  ])('where there is no keypair with %j is answered %d', async (headers, status) => {
    expect((await put(someone().with(headers), 'ci', { public_key: keys[0] })).status).toBe(status);
  });

  it.each([
    [{ public_key: 'nonsense' }],
    [{}],
    [{ public_key: 7 }],
    [{ public_key: '@', type: 'pgp' }],
    [{ public_key: '@', type: 'x509' }],
    [{ public_key: '@', unknown: 1 }],
    [{ public_key: '@', expires_at: 'tomorrow' }],
    [{ public_key: '@', expires_at: 7 }],
    [{ public_key: '@', note: 'x'.repeat(256) }],
    [{ public_key: '@', note: 'a\u202eb' }],
    [{ public_key: '@', note: 7 }],
    [{ public_key: '@', delete_protected: 'yes' }],
    [{ public_key: '@', delete_protected: null }],
    [{ public_key: '@', tags: [] }],
    [{ public_key: '@', tags: { a: 1 } }],
    [{ public_key: '@', tags: { 'a b': 'c' } }],
    [{ public_key: '@', tags: { __proto__x: 'c' } }],
    [{ public_key: '@', tags: { ['a'.repeat(64)]: 'c' } }],
    [{ public_key: '@', tags: { a: 'c'.repeat(256) } }],
    [{ public_key: '@', tags: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`t${n}`, ''])) }],
  ])('with the body %j is refused', async (body) => {
    const keypair = 'public_key' in body && body.public_key === '@' ? { ...body, public_key: keys[0] } : body;
    const user = someone();
    expect((await put(user, 'ci', keypair)).status).toBe(400);
    expect((await user.get('/v1/keypairs/ci')).status).toBe(404);
  });

  it.each(['a%20', '%C3%A4', 'a%3Ab', 'x'.repeat(256)])('creates no keypair named %s', async (name) => {
    expect(faultOf(await put(someone(), name, { public_key: keys[0] }))).toEqual([400, 'badRequest']);
  });

  it('replaces the key of a keypair whose name only /v2 takes', async () => {
    const user = someone();
    await user.post('/v2/os-keypairs', { keypair: { name: 'Büro', public_key: keys[0] } });
    const name = encodeURIComponent('Büro');
    expect((await put(ifMatch(user, '"1"'), name, { public_key: keys[1] })).status).toBe(200);
  });

  it('counts against the quota, and a replaced key does not', async () => {
    const user = someone();
    const statuses: number[] = [];
    for (let index = 0; index < 13; index += 1)
      statuses.push((await put(user, `key-${index}`, { public_key: keys[0] })).status);
    expect(statuses).toEqual([...Array<number>(12).fill(201), 403]);
    expect((await put(ifMatch(user, '*'), 'key-0', { public_key: keys[1] })).status).toBe(200);
    await user.delete('/v1/keypairs/key-1');
    expect((await put(user, 'key-12', { public_key: keys[0] })).status).toBe(201);
    const quota = await user.get('/v2.1/limits');
    expect(quota.status).toBe(200);
  });

  it('works on the keypairs of others for administrators only', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0] });
    const [admin, other] = [service.as('admin', 'ops'), someone()];
    const query = `?user_id=user-${users - 1}`;
    expect((await put(other, 'ci', { public_key: keys[1] }, query)).status).toBe(403);
    expect((await put(ifMatch(admin, '*'), 'ci', { public_key: keys[1] }, query)).status).toBe(200);
    const { versions } = (await user.get('/v1/keypairs/ci/versions')).body as { versions: { by: string }[] };
    expect(versions.map(({ by }) => by)).toEqual(['admin', `user-${users - 1}`]);
  });

  it('of 64 clients with one If-Match lets one change the keypair', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0] });
    const one = ifMatch(user, '"1"');
    const replies = await Promise.all(
      Array.from({ length: 64 }, (_, index) => put(one, 'ci', { public_key: keys[1 + (index % 3)] })),
    );
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, ...Array<number>(63).fill(412)]);
    expect(rowOf(replies.find(({ status }) => status === 200)!)).toEqual(rowOf(await user.get('/v1/keypairs/ci')));
  });

  it('of 16 clients without conditions makes one keypair', async () => {
    const user = someone();
    const replies = await Promise.all(Array.from({ length: 16 }, () => put(user, 'ci', { public_key: keys[0] })));
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(15).fill(200),
      201,
    ]);
  });
});

describe('PATCH', () => {
  it('changes the given fields, and removes those that are null', async () => {
    const user = someone();
    await user.post('/v2.1/os-keypairs', { keypair: { name: 'ci', public_key: keys[0] } });
    const first = await patch(user, 'ci', { tags: { a: 'b' }, expires_at: '2100-01-01T02:00:00+02:00' });
    expect([first.status, first.headers.etag]).toEqual([200, '"2"']);
    expect(rowOf(first)).toMatchObject({ tags: { a: 'b' }, expires_at: '2100-01-01T00:00:00.000000', note: null });
    const second = await patch(user, 'ci', { tags: null, note: 'hello' });
    expect(rowOf(second)).toMatchObject({
      version: 3,
      tags: {},
      note: 'hello',
      expires_at: '2100-01-01T00:00:00.000000',
    });
    expect(rowOf(await patch(user, 'ci', { note: 'hello' })).version).toBe(3);
    expect(rowOf(await user.get('/v1/keypairs/ci'))).toEqual(rowOf(second));
  });

  it('changes nothing in os-keypairs', async () => {
    const user = someone();
    await user.post('/v2.1/os-keypairs', { keypair: { name: 'ci', public_key: keys[0] } });
    const before = await user.at('2.92').get('/v2.1/os-keypairs/ci');
    await patch(user, 'ci', { tags: { a: 'b' }, expires_at: '2001-01-01', delete_protected: true, note: 'x' });
    expect((await user.at('2.92').get('/v2.1/os-keypairs/ci')).text).toBe(before.text);
  });

  it('obeys If-Match, and is 404 for a missing keypair', async () => {
    const user = someone();
    expect((await patch(ifMatch(user, '"1"'), 'ci', { note: 'x' })).status).toBe(404);
    await put(user, 'ci', { public_key: keys[0] });
    expect(faultOf(await patch(ifMatch(user, '"2"'), 'ci', { note: 'x' }))).toEqual([412, 'preconditionFailed']);
    expect((await patch(ifMatch(user, '"1"'), 'ci', { note: 'x' })).status).toBe(200);
    expect((await patch(ifMatch(user, '"1"'), 'ci', { note: 'y' })).status).toBe(412);
  });

  it('of many clients at once loses no change', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0] });
    const notes = Array.from({ length: 20 }, (_, index) => `note ${index}`);
    const replies = await Promise.all(notes.map((note) => patch(user, 'ci', { note })));
    expect(new Set(replies.map((reply) => rowOf(reply).version)).size).toBe(20);
    expect(rowOf(await user.get('/v1/keypairs/ci')).version).toBe(21);
  });
});

describe('a search by tag or expiry', () => {
  it('finds keypairs by tag, by expiry, and those that have expired', async () => {
    const user = someone();
    await put(user, 'a', { public_key: keys[0], tags: { team: 'blue', empty: '' }, expires_at: '2001-01-01' });
    await put(user, 'b', { public_key: keys[0], tags: { team: 'red:hot' }, expires_at: '2100-01-01' });
    await put(user, 'c', { public_key: keys[0] });
    const found = async (query: string): Promise<string> =>
      ((await user.get(`/v1/keypairs?${query}`)).body as { keypairs: { name: string }[] }).keypairs
        .map(({ name }) => name)
        .join('');
    const expected = {
      'tag=team': 'ab',
      'tag=team:blue': 'a',
      'tag=team:red:hot': 'b',
      'tag=team&tag=empty:': 'a',
      'tag=toString': '',
      'expired=true': 'a',
      'expired=false': 'bc',
      'expires_before=2050-01-01': 'a',
      'expires_before=2150-01-01': 'ab',
    };
    for (const [query, names] of Object.entries(expected)) expect([query, await found(query)]).toEqual([query, names]);
  });
});

describe('a protected keypair', () => {
  it('survives every delete until the protection is removed', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0], delete_protected: true });
    for (const target of ['/v2.1/os-keypairs/ci', '/v2/os-keypairs/ci', '/v1/keypairs/ci']) {
      const refused = await user.delete(target);
      expect(faultOf(refused)).toEqual([409, 'conflictingRequest']);
      expect(messageOf(refused)).toContain('is protected');
    }
    expect(faultOf(await ifMatch(user, '"9"').delete('/v1/keypairs/ci'))).toEqual([409, 'conflictingRequest']);
    await patch(user, 'ci', { delete_protected: false });
    expect((await user.delete('/v2.1/os-keypairs/ci')).status).toBe(202);
  });

  it('may get another key', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0], delete_protected: true });
    const rotated = await put(ifMatch(user, '*'), 'ci', { public_key: keys[1] });
    expect(rowOf(rotated)).toMatchObject({ version: 2, delete_protected: true });
  });
});

describe('DELETE', () => {
  it('obeys If-Match, and deletes everything about the keypair', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0], tags: { a: 'b' } });
    await put(ifMatch(user, '*'), 'ci', { public_key: keys[1] });
    expect(faultOf(await ifMatch(user, '"1"').delete('/v1/keypairs/ci'))).toEqual([412, 'preconditionFailed']);
    expect(await ifMatch(user, '"2"').delete('/v1/keypairs/ci')).toMatchObject({ status: 204, text: '' });
    expect((await user.delete('/v1/keypairs/ci')).status).toBe(404);
    await put(user, 'ci', { public_key: keys[0] });
    expect(rowOf(await user.get('/v1/keypairs/ci'))).toMatchObject({ version: 1, tags: {} });
    const { versions } = (await user.get('/v1/keypairs/ci/versions')).body as { versions: object[] };
    expect(versions).toHaveLength(1);
  });
});

describe('the versions of a keypair', () => {
  it('show which key it had, from when until when, and who set it', async () => {
    const user = someone();
    await user.post('/v2.1/os-keypairs', { keypair: { name: 'ci', public_key: keys[0] } });
    await patch(user, 'ci', { note: 'x' });
    const rotated = await put(ifMatch(user, '"2"'), 'ci', { public_key: keys[1] }, '?overlap=PT2H');
    const { versions } = (await user.get('/v1/keypairs/ci/versions')).body as { versions: Record<string, string>[] };
    expect(versions).toMatchObject([
      {
        version: 3,
        fingerprint: sshFingerprint(keys[1]),
        comment: 'key-1',
        replaced_at: null,
        until: null,
        by: `user-${users}`,
      },
      { version: 2, fingerprint: sshFingerprint(keys[0]), comment: 'key-0', by: null },
    ]);
    const [now, before] = versions;
    expect(before.from).toBe(rowOf(rotated).created_at);
    expect(before.replaced_at).toBe(now.from);
    const hours = (Date.parse(before.until) - Date.parse(before.replaced_at)) / 3_600_000;
    expect(hours).toBeCloseTo(2, 1);
    expect((await put(ifMatch(user, '*'), 'ci', { public_key: keys[0] }, '?overlap=31d')).status).toBe(400);
  });

  it('are at most ten', async () => {
    const user = someone();
    await put(user, 'ci', { public_key: keys[0] });
    for (let turn = 1; turn <= 12; turn += 1)
      await put(ifMatch(user, `"${turn}"`), 'ci', { public_key: keys[turn % 2] });
    const { versions } = (await user.get('/v1/keypairs/ci/versions')).body as { versions: Row[] };
    expect(versions.map(({ version }) => version)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4]);
  });
});

describe('random requests in random order', () => {
  type State = { version: number; key: number; note: string | null } | undefined;
  const tag = fc.constantFrom(undefined, '*', 'current', '"1"', '"2"', '"3"');
  const step = fc.record({
    kind: fc.constantFrom('put', 'patch', 'delete', 'novaDelete'),
    key: fc.integer({ min: 0, max: 3 }),
    note: fc.constantFrom(undefined, null, 'a', 'b'),
    match: tag,
    noneMatch: fc.constantFrom(undefined, undefined, '*', '"2"'),
  });

  /** RFC 9110, section 13, and the contract, implemented once more without a database. */
  function expected(
    state: State,
    each: { kind: string; key: number; note?: string | null; match?: string; noneMatch?: string },
  ) {
    const { kind, key, note } = each;
    if (kind === 'novaDelete') return state ? { status: 202, state: undefined } : { status: 404, state };
    if (kind !== 'put' && !state) return { status: 404, state };
    const current = state && `"${state.version}"`;
    const failsMatch = each.match !== undefined && (each.match === '*' ? !state : each.match !== current);
    const failsNone = each.noneMatch !== undefined && state && (each.noneMatch === '*' || each.noneMatch === current);
    if (failsMatch || failsNone) return { status: 412, state };
    if (kind === 'delete') return { status: 204, state: undefined };
    if (!state) return { status: 201, state: { version: 1, key, note: note ?? null } };
    const next = { ...state, ...(note !== undefined && { note }), ...(kind === 'put' && { key }) };
    if (next.key !== state.key && each.match === undefined) return { status: 409, state };
    const isChanged = next.key !== state.key || next.note !== state.note;
    return { status: 200, state: isChanged ? { ...next, version: state.version + 1 } : state };
  }

  it('have the versions and statuses of the model', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const user = someone();
        let state: State;
        for (const each of steps) {
          const match = each.match === 'current' ? `"${state?.version ?? 1}"` : each.match;
          const headers = {
            ...(match !== undefined && { 'If-Match': match }),
            ...(each.noneMatch !== undefined && { 'If-None-Match': each.noneMatch }),
          };
          const client = user.with(headers);
          const note = each.note === undefined ? {} : { note: each.note };
          const requests: Readonly<Record<string, () => Promise<Reply>>> = {
            put: () => put(client, 'k', { public_key: keys[each.key], ...note }),
            patch: () => patch(client, 'k', note),
            delete: () => client.delete('/v1/keypairs/k'),
            novaDelete: () => client.delete('/v2.1/os-keypairs/k'),
          };
          const reply = await requests[each.kind]();
          const outcome: { status: number; state: State } = expected(state, { ...each, match });
          expect([each, reply.status]).toEqual([each, outcome.status]);
          state = outcome.state;
          const shown = await user.get('/v1/keypairs/k');
          const found = shown.status === 404 ? undefined : rowOf(shown);
          expect(found && [found.version, found.fingerprint, found.note]).toEqual(
            state && [state.version, sshFingerprint(keys[state.key]), state.note],
          );
        }
      }),
      { numRuns: 25 },
    );
  });
});
