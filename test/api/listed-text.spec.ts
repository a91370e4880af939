import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

let service: StartedApp;

beforeAll(async () => {
  service = await startApp();
});
afterAll(async () => service?.stop());

/** Every character that PostgreSQL stores and that is one UTF-16 unit, and some that are two. */
const characters = Array.from({ length: 0xffff }, (_, n) => n + 1)
  .filter((unit) => unit < 0xd800 || unit > 0xdfff)
  .map((unit) => String.fromCharCode(unit));
const all = `${characters.join('')}\u{1f511}\u{10ffff}`;

describe('a list, which the database formats', () => {
  it.each([
    ['/v2/os-keypairs', '2.1', (type: string) => ({ key_type: type.toUpperCase() })],
    ['/v2.1/os-keypairs', '2.1', () => ({})],
    ['/v2.1/os-keypairs', '2.2', (type: string) => ({ type })],
    ['/v2.1/os-keypairs', '2.92', (type: string) => ({ type })],
  ])('is exactly the text that JSON.stringify writes, at %s %s, whatever is in it', async (path, version, typed) => {
    const user = `lewis-${version}${path.length}`;
    const client = service.as(user, 'a11ce');
    const database = service.app.get<DataSource>(getDataSourceToken());
    // Old rows may hold what can no longer be stored.
    const rows = [
      { name: '"quoted" \\ ключ 🔑', type: 'ssh', fingerprint: 'aa:bb', public_key: all },
      { name: 'plain', type: 'ssh', fingerprint: 'cc:dd', public_key: sshKeygen() },
      { name: 'windows', type: 'x509', fingerprint: 'ee:ff', public_key: '-----BEGIN\n\tEND\r\n' },
    ];
    for (const row of rows) {
      await database.query(
        'INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key) VALUES ($1, $2, $3, $4, $5)',
        [user, ...Object.values(row)],
      );
    }
    const { status, text } = await client.at(version).get(path);
    expect(status).toBe(200);
    const expected = rows.map(({ name, public_key, fingerprint, type }) => ({
      keypair: { name, public_key, fingerprint, ...typed(type) },
    }));
    expect(text === JSON.stringify({ keypairs: expected })).toBe(true);
  });
});
