import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedApp, startApp } from '../support/start-app.js';

let app: StartedApp;

beforeAll(async () => {
  app = await startApp();
});

afterAll(() => app?.stop());

const SIZE = 114_000;
const filled = (text: string): string => text.repeat(Math.floor(SIZE / (Buffer.byteLength(JSON.stringify(text)) - 2)));
const named = (name: unknown): object => ({ keypair: { name, type: 'ssh', public_key: 'x' } });
const manyProperties = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`p${i}`, 1]));

const HOSTILE: readonly (readonly [string, object])[] = [
  ...['$value', '"$value', '$property', '$target', '$constraint1', '$&', '%s', '{0}', '🔑', '\u0000'].map(
    (text) => [`a name full of ${JSON.stringify(text)}`, named(filled(text))] as const,
  ),
  ['a list of empty objects for a name', named(Array.from({ length: 38_000 }, () => ({})))],
  ['a list in place of the keypair', { keypair: Array.from({ length: 38_000 }, () => ({})) }],
  ['a property of a long name', { keypair: { name: 'a', public_key: 'x', [filled('b')]: 1 } }],
  ['many unknown properties', { keypair: { name: 'a', public_key: 'x', ...manyProperties } }],
  ['many properties around the keypair', { ...named('a'), ...manyProperties }],
];

describe('a refusal', () => {
  it.each(HOSTILE)('is 400 and short for %s', async (_, body) => {
    for (const version of ['2.1', '2.92']) {
      const reply = await app.as('alice').at(version).post('/v2.1/os-keypairs', body);
      expect(reply.status).toBe(400);
      expect(reply.text.length).toBeLessThan(4096);
    }
  });

  it('is the answer to a body with more values than are read, whatever its shape', async () => {
    const withValues = async (count: number): Promise<unknown> => {
      const list = Array.from({ length: count - 2 }, () => 1);
      return (await app.as('alice').post('/v2.1/os-keypairs', { keypair: list })).body;
    };
    const about = (message: string): unknown => ({ badRequest: { code: 400, message } });
    expect(await withValues(10_000)).toEqual(about(expect.stringContaining("is not of type 'object'") as never));
    expect(await withValues(10_001)).toEqual(about('Malformed request body'));
  });

  it('reads __proto__ and constructor as properties like any other', async () => {
    const json =
      '{"keypair": {"name": "a", "public_key": "x", "__proto__": {}, "constructor": 1, "hasOwnProperty": 2}}';
    const { body } = await app
      .as('alice')
      .at('2.92')
      .send({
        method: 'POST',
        target: '/v2.1/os-keypairs',
        body: json,
        headers: { 'Content-Type': 'application/json' },
      });
    expect(JSON.stringify(body)).toContain("'__proto__', 'constructor', 'hasOwnProperty' were unexpected)");
  });

  it('shows 256 characters of a value, and marks that there are more', async () => {
    const shown = async (name: string): Promise<string> => {
      const { body } = await app.as('alice').at('2.92').post('/v2.1/os-keypairs', named(name));
      return (body as { badRequest: { message: string } }).badRequest.message;
    };
    const [whole, cut] = ['🔑'.repeat(256), `${'🔑'.repeat(256)}...`];
    const field = 'Invalid input for field/attribute name. Value:';
    expect(await shown(whole)).toBe(`${field} ${whole}. '${whole}' is too long`);
    expect(await shown('🔑'.repeat(257))).toBe(`${field} ${cut}. '${cut}' is too long`);
  });

  it('echoes the text of a client as it was sent', async () => {
    const { body } = await app.as('alice').at('2.92').post('/v2.1/os-keypairs', named(`"$value $& %s`));
    expect(body).toEqual({
      badRequest: { code: 400, message: expect.stringContaining('must be: Only expected characters') },
    });
    const type = `"$value '$property' $target $& \${x}`;
    const typed = await app.as('alice').post('/v2.1/os-keypairs', { keypair: { name: type, unknown: 1 } });
    expect(typed.status).toBe(400);
    const wrong = await app
      .as('alice')
      .at('2.92')
      .post('/v2.1/os-keypairs', { keypair: { name: 'a', type, public_key: 'x' } });
    expect(wrong.text).toContain(JSON.stringify(type).slice(1, -1));
  });
});
