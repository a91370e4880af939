import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import { createHash, X509Certificate } from 'node:crypto';
import { DataSource } from 'typeorm';
import { FillDigests } from '../../src/keypairs/records/fill-digests.js';
import { opensslCertificate, sshKeygen, sshSha256 } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';

let service: StartedApp;
let database: DataSource;

beforeAll(async () => {
  service = await startApp();
  database = service.app.get<DataSource>(getDataSourceToken());
});
afterAll(async () => service?.stop());

/** The fingerprint that ssh-keygen prints for a line, as bytes. */
const witness = (line: string): Buffer => Buffer.from(sshSha256(line).replace('SHA256:', ''), 'base64');

describe('keypairs that were copied from a Nova', () => {
  it('get the SHA-256 that ssh-keygen and OpenSSL print at the next start, and rows without a key stay unchanged', async () => {
    const lines = Array.from({ length: 3 }, (_, index) => sshKeygen('-C', `with spaces ${index}`));
    const certificate = opensslCertificate();
    const rows = [
      ...lines.map((text, index) => [`ssh-${index}`, 'ssh', text]),
      ['two lines', 'ssh', `${lines[0]}# more\n`],
      ['certificate', 'x509', certificate],
      ['base64', 'ssh', 'ssh-ed25519 AAAA=AAA'],
      ['nothing', 'ssh', ''],
      ['no certificate', 'x509', lines[0]],
    ];
    for (const [name, type, text] of rows)
      await database.query(
        `INSERT INTO key_pairs (user_id, name, type, fingerprint, public_key) VALUES ('alice', $1, $2, 'f', $3)`,
        [name, type, text],
      );
    // More than one page of rows without a key, each of which is examined once.
    await database.query(`INSERT INTO key_pairs (user_id, name, fingerprint, public_key)
      SELECT 'aaron', 'key-' || i, 'f', 'x' FROM generate_series(1, 1200) i`);

    service.app.get(FillDigests, { strict: false }).onApplicationBootstrap();
    const digests = await until(async () => {
      const found = await database.query<{ name: string; sha256: Buffer }[]>(
        `SELECT name, sha256 FROM key_pairs WHERE user_id = 'alice' AND sha256 IS NOT NULL`,
      );
      return found.length >= 5 && new Map(found.map(({ name, sha256 }) => [name, sha256.toString('hex')]));
    }, 'the digests of alice');
    const expected = new Map(lines.map((line, index) => [`ssh-${index}`, witness(line).toString('hex')]));
    expected.set('two lines', witness(lines[0]).toString('hex'));
    expected.set('certificate', createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex'));
    expect(digests).toEqual(expected);
  });
});

describe('a keypair that is imported', () => {
  it('has its SHA-256 at once, alone and in a batch of one user', async () => {
    const names = Array.from({ length: 5 }, (_, index) => `new-${index}`);
    const line = sshKeygen();
    const bob = service.as('bob');
    await Promise.all(names.map((name) => bob.post('/v2.1/os-keypairs', { keypair: { name, public_key: line } })));
    const rows = await database.query<{ sha256: Buffer }[]>(`SELECT sha256 FROM key_pairs WHERE user_id = 'bob'`);
    expect(rows.map(({ sha256 }) => sha256)).toEqual(names.map(() => witness(line)));
  });
});
