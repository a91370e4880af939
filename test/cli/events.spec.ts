import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { until } from '../support/until.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
const [commands] = [...readFileSync('docs/events.md', 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) =>
  block.trim().split('\n'),
);
/** The same after a restart of the service. */
let port: number;
let service: ServiceProcess;
let shell: Shell;

beforeAll(async () => {
  port = await freePort();
  service = await ServiceProcess.listening({ DATA_DIR: dataDir, PORT: String(port) });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  await shell.run('latchkey keypair create laptop --private-key laptop; latchkey keypair delete laptop --yes');
});

afterAll(async () => {
  await ServiceProcess.killAll();
  shell.remove();
  remove();
});

describe('latchkey events', () => {
  it('does what docs/events.md shows', async () => {
    expect(commands.length).toBeGreaterThan(1);
    const { err, status } = await shell.run(`set -eu\n${commands.join('\n')}`);
    expect([status, err]).toEqual([0, '']);
  });

  it('lists what was changed, and reports what is refused', () =>
    shell.plays(`
      $ latchkey events -f value -c Type -c Owner -c Subject -c By
      keypair.imported alice laptop alice
      keypair.deleted alice laptop alice
      $ latchkey events --type keypair.deleted --since 1h -f value -c Type
      keypair.deleted
      $ latchkey events --type 'guest.*' -f value
      $ latchkey events --since 2099-01-01 -f value
      $ OS_TOKEN=admin:admin latchkey events --all-users -f value -c Type
      keypair.imported
      keypair.deleted
      $ latchkey events --all-users
      latchkey: Listing the events: Policy doesn't allow latchkey:events:index to be performed.
      [3]
      $ latchkey events --type keypair
      latchkey: Listing the events: <...>'keypair' is not one of <...>
      [1]
      $ latchkey events --since yesterday
      latchkey: --since yesterday is no time; <...>
      [2]
      $ latchkey events --project --all-users
      latchkey: --project and --all-users are both given; keep one.
      [2]
      $ latchkey events --follow -f table
      latchkey: --follow prints in the formats value and json; <...>
      [2]
    `));

  it('follows changes, each once, also over a restart of the service', async () => {
    const follower = shell.start('events', '--follow', '-f', 'json', '--since', '2026-01-01');
    let [out, err] = ['', ''];
    follower.stdout!.on('data', (chunk: Buffer) => (out += chunk.toString()));
    follower.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const lines = (): string[] =>
      out
        .split('\n')
        // The last one may not be complete yet.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { type: string; data: { name: string } })
        .map(({ type, data }) => `${type} ${data.name}`);
    const create = (name: string) => shell.run(`latchkey keypair create ${name} --private-key ${name}`);
    await until(() => lines().length === 2, 'the first two events');
    await create('second');
    await until(() => lines().length === 3, 'the third event');
    await service.stop();
    await until(() => err.includes('Trying again.'), 'the service is missed');
    service = await ServiceProcess.listening({ DATA_DIR: dataDir, PORT: String(port) });
    await create('third');
    await until(() => lines().length === 4, 'the fourth event');
    follower.kill();
    expect(lines()).toEqual([
      'keypair.imported laptop',
      'keypair.deleted laptop',
      'keypair.imported second',
      'keypair.imported third',
    ]);
  });
});
