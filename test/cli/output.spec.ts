import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

/** A window title, a C1 control sequence, a carriage return, a bidi override, a line separator, a delete. */
const HOSTILE = `${ESCAPE}]0;gotcha\u0007\u009B31m\rx\u202Ey\u2028z\u007F`;
const hostileKeypair = { name: HOSTILE, type: 'ssh', fingerprint: HOSTILE, public_key: HOSTILE, [HOSTILE]: HOSTILE };
const hostileGuest = { id: HOSTILE, name: 'x', hostname: HOSTILE, addresses: [], key_names: [HOSTILE] };

/** What all routes answer at once. */
const hostileAnswer = {
  version: { id: 'v2.1', version: '2.92', min_version: '2.1' },
  keypair: hostileKeypair,
  keypairs: [{ keypair: hostileKeypair }],
  guest: hostileGuest,
  guests: [hostileGuest],
};

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

  it.each(['table', 'value', 'json', 'yaml'])(
    'as %s cannot take the terminal over, whatever a server sends',
    async (format) => {
      const server = createServer((_, answer) => answer.end(JSON.stringify(hostileAnswer))).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const cloud = `OS_ENDPOINT=http://127.0.0.1:${(server.address() as AddressInfo).port}/v2.1 NO_COLOR=1`;
      for (const command of [
        'keypair show x',
        'keypair show x y',
        'keypair list',
        'keypair show x --public-key',
        'guest show x',
      ]) {
        const { out } = await shell.inTerminal(80, `${cloud} latchkey ${command} -f ${format} --debug`);
        expect(out).toContain('gotcha');
        expect(out.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }
      const piped = await shell.run(`${cloud} latchkey keypair show x -f value -c public_key`);
      expect(piped.out).toBe(`${HOSTILE}\n`);
      server.close();
    },
  );

  it('in errors cannot take the terminal over either', async () => {
    const server = createServer((_, answer) => {
      answer.statusCode = 404;
      answer.end(JSON.stringify({ [HOSTILE]: { message: HOSTILE } }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = `OS_ENDPOINT=http://127.0.0.1:${(server.address() as AddressInfo).port}/v2.1 NO_COLOR=1 latchkey guest show`;
    const { out } = await shell.inTerminal(80, `${line} --debug 4f0e8a0e-0000-4000-8000-000000000000`);
    expect(out.replaceAll('\r\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    server.close();
  });

  it('that are no text for a terminal go to files and pipes only', async () => {
    const line = 'latchkey guest config-drive x -o -';
    expect((await shell.inTerminal(80, line)).out).toContain('A config drive is no text for a terminal');
  });

  it('are no wider than 120 columns if the output is not a terminal, unless COLUMNS is set', async () => {
    await shell.run(
      'ssh-keygen -q -t rsa -b 4096 -N "" -C "" -f big; latchkey keypair create big --public-key big.pub',
    );
    const widthOf = ({ out }: { out: string }): number => Math.max(...out.split('\n').map((line) => line.length));
    expect(widthOf(await shell.run('latchkey keypair show big'))).toBe(120);
    expect(widthOf(await shell.run('COLUMNS=60 latchkey keypair show big'))).toBe(60);
    await shell.run('latchkey keypair delete big');
  });

  it('end quietly when the reader has seen enough', () =>
    shell.plays(`
      $ latchkey keypair list -f value -c Name | head -1
      desktop
    `));
});

describe('on a terminal', () => {
  it('the prompt for a passphrase comes twice and shows nothing', async () => {
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
    // It takes minutes, and Ctrl-C ends it once it has shown that it goes on.
    const line = 'latchkey keypair create large --algorithm rsa --bits 16384 --private-key large';
    const { out } = await shell.inTerminal(80, line, String.raw`\x03`);
    expect(out).toMatch(/Making a key: rsa, 16384 bits \(\d+ s\)/);
    const { err } = await shell.run(`timeout -s INT 3 ${line}`);
    expect(err).not.toContain('Making a key');
  });
});
