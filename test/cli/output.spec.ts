import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let shell: Shell;

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  await shell.run('ssh-keygen -q -t ed25519 -N "" -C "" -f id');
  await shell.run('for name in laptop desktop; do latchkey keypair create $name --public-key id.pub; done');
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

const ESCAPE = '\u001B';

describe('results', () => {
  it('are JSON or YAML for programs', async () => {
    const { out: json } = await shell.run('latchkey keypair list -f json');
    expect(JSON.parse(json)).toEqual([
      { Name: 'desktop', Type: 'ssh', Fingerprint: expect.stringMatching(/^[\da-f:]{47}$/) },
      { Name: 'laptop', Type: 'ssh', Fingerprint: expect.stringMatching(/^[\da-f:]{47}$/) },
    ]);
    await shell.plays(`
      $ latchkey keypair list -f yaml -c name
      - Name: desktop
      - Name: laptop
      $ latchkey keypair show laptop -f json -c deleted_at -c name
      {
      <...>"deleted_at": null,
      <...>"name": "laptop"
      }
      $ latchkey keypair show laptop desktop -f value -c name -c user_id
      laptop alice
      desktop alice
      $ latchkey keypair list -f xml
      latchkey: option '-f, --format <format>' argument 'xml' is invalid. Allowed choices are table, json, yaml, value. See --help.
      [2]
    `);
  });

  it('fit the terminal, and nothing of them is lost', async () => {
    const { out } = await shell.inTerminal(50, 'latchkey keypair show laptop');
    const lines = out
      .replaceAll('\r', '')
      .replaceAll(/\u001B\[\d+m/g, '')
      .trimEnd()
      .split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBe(50);
    const values = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|')[2].trim());
    const { out: publicKey } = await shell.run('cat id.pub');
    expect(values.join('')).toContain(publicKey.trim());
  });

  it('are marked up on a terminal, unless NO_COLOR is set', async () => {
    expect((await shell.inTerminal(80, 'latchkey keypair list')).out).toContain(ESCAPE);
    expect((await shell.inTerminal(80, 'NO_COLOR=1 latchkey keypair list')).out).not.toContain(ESCAPE);
    expect((await shell.inTerminal(80, 'latchkey keypair show nobody')).out).toContain(`${ESCAPE}[31mlatchkey:`);
    expect((await shell.run('latchkey keypair list')).out).not.toContain(ESCAPE);
  });

  it('cannot take the terminal over, whatever a name holds', async () => {
    const mallory = service.client.with({ 'X-Auth-Token': 'alice:demo' });
    const keypair = { name: 'laptop', key_names: ['laptop'], metadata: { a: `${ESCAPE}]0;gotcha\u0007` } };
    expect((await mallory.post('/v1/guests', { guest: keypair })).status).toBe(201);
    const { out } = await shell.inTerminal(80, 'NO_COLOR=1 latchkey guest show laptop');
    expect(out).not.toContain(ESCAPE);
  });

  it('end quietly when the reader has seen enough', () =>
    shell.plays(`
      $ latchkey keypair list -f value -c Name | head -1
      desktop
    `));
});

describe('on a terminal', () => {
  it('a passphrase is asked for twice and not shown', async () => {
    const line = 'latchkey keypair create secret --private-key secret --passphrase -q';
    const { out, status } = await shell.inTerminal(80, line, 'hunter2', 'hunter2');
    expect(status).toBe(0);
    expect(out).toContain('Passphrase for the private key: ');
    expect(out).not.toContain('hunter2');
    expect((await shell.run('ssh-keygen -y -P hunter2 -f secret')).status).toBe(0);
  });

  it('two passphrases that differ make nothing', async () => {
    const line = 'latchkey keypair create secret2 --private-key secret2 --passphrase';
    const { out, status } = await shell.inTerminal(80, line, 'hunter2', 'hunter3');
    expect(out).toContain('The two passphrases differ; nothing was made.');
    expect(status).toBe(2);
    expect((await shell.run('ls secret2')).status).toBe(2);
  });

  it('Ctrl-C at the question leaves nothing', async () => {
    const line = 'latchkey keypair create secret3 --private-key secret3 --passphrase';
    const { status } = await shell.inTerminal(80, line, String.raw`\x03`);
    expect(status).toBe(130);
    expect((await shell.run('ls secret3')).status).toBe(2);
  });

  it('what a pattern matches is asked about, and no is the answer of whoever only presses enter', async () => {
    const kept = await shell.inTerminal(80, "latchkey keypair delete 'desk*'", '');
    expect(kept.out.replaceAll('\r', '')).toContain('  desktop\nDelete this keypair? [y/N] ');
    expect(kept.out).toContain('Nothing was deleted.');
    expect(kept.status).toBe(130);
    const gone = await shell.inTerminal(80, "latchkey keypair delete 'desk*'", 'y');
    expect(gone.out).toContain('Deleted desktop.');
    expect(gone.status).toBe(0);
  });

  it('work of more than a second shows that it goes on', async () => {
    const line = 'latchkey keypair create large --algorithm rsa --bits 8192 --private-key large';
    const { out } = await shell.inTerminal(80, `timeout -s INT 3 ${line}; latchkey keypair list -q >/dev/null`);
    expect(out).toMatch(/Making a key: rsa, 8192 bits \(\d+ s\)/);
    const { err } = await shell.run(`timeout -s INT 3 ${line}`);
    expect(err).not.toContain('Making a key');
  });
});
