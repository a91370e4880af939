import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
const [, commands] = [...readFileSync('docs/events.md', 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) =>
  block.trim(),
);
let service: ServiceProcess;
let receiver: WebhookReceiver;
let shell: Shell;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  service = await ServiceProcess.listening({
    DATA_DIR: dataDir,
    WEBHOOK_HTTP: 'true',
    WEBHOOK_NETWORKS: '127.0.0.1',
  });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'admin:demo' });
});

afterAll(async () => {
  await ServiceProcess.killAll();
  receiver.stop();
  shell.remove();
  remove();
});

describe('latchkey webhook', () => {
  it('does what docs/events.md shows', async () => {
    expect(commands).toContain('latchkey webhook create');
    const { out, err, status } = await shell.run(`set -eu\n${commands}`);
    expect([status, err]).toEqual([
      0,
      'The secret is not shown again: keep it now, where only the receiver reads it.\n',
    ]);
    expect(out.match(/whsec_/g)).toHaveLength(1);
    await shell.run('latchkey webhook delete 1');
  });

  it('shows its secret once, on standard output alone, and another one after a rotation', async () => {
    const create = `latchkey --debug webhook create ${receiver.url('/a')} --type 'keypair.*' -f value -c secret`;
    const { out, err } = await shell.run(create);
    expect(out).toMatch(/^whsec_[\w+/]{43}=\n$/);
    const { out: other, err: otherErr } = await shell.run('latchkey --debug webhook rotate-secret 2 -q -f json');
    const { secret } = JSON.parse(other) as { secret: string };
    expect(secret).not.toBe(out.trim());
    for (const each of [out.trim(), secret]) expect(err + otherErr + service.printedText).not.toContain(each);
    expect((await shell.run('latchkey webhook show 2; latchkey webhook list -f json')).out).not.toContain('whsec_');
    await shell.run('latchkey webhook test 2');
    await until(() => receiver.at('/a').length >= 1, 'the event of the test');
    const { text, headers } = receiver.at('/a')[0];
    expect(new Webhook(secret).verify(text, headers)).toMatchObject({ type: 'webhook.test' });
  });

  it('is listed, changed and deleted, and its refusals are reported', () =>
    shell.plays(`
      $ latchkey webhook update 2 --type guest.deleted --note 'for the CMDB' --public-key -f value -c types -c note -c include_public_key
      ["guest.deleted"]
      for the CMDB
      true
      $ latchkey webhook update 2 --no-note --no-public-key --disable -f value -c note -c include_public_key -c enabled

      false
      false
      $ latchkey webhook list -f value -c ID -c Project -c Types -c Enabled
      2 demo guest.deleted no
      $ latchkey webhook create https://hooks.example.com/ --type 'guest.*' --all-projects -q -f value -c project_id -c id

      3
      $ latchkey webhook list --project other -f value
      $ latchkey webhook delete 3 4
      Deleted 3.
      latchkey: Deleting the webhook 4: Webhook 4 could not be found.<...>
      [4]
      $ latchkey webhook update 2
      latchkey: Nothing is to be changed; see "latchkey webhook update --help".
      [2]
      $ latchkey webhook create https://hooks.example.com/
      latchkey: required option '--type <type>' not specified. See --help.
      [2]
      $ latchkey webhook create https://hooks.example.com/ --type guest
      latchkey: Creating the webhook: <...>'guest' is not one of <...>
      [1]
      $ OS_TOKEN=alice:demo latchkey webhook list
      latchkey: Listing the webhooks: Policy doesn't allow latchkey:webhooks:index to be performed.
      [3]
    `));

  it('lists deliveries, and sends one again', async () => {
    receiver.responses.set('/failing', { status: 500 });
    await shell.run(
      `latchkey webhook create ${receiver.url('/failing')} --type guest.deleted; latchkey webhook test 4`,
    );
    await until(() => receiver.at('/failing').length >= 1, 'the first attempt');
    const id = (await shell.run('latchkey webhook deliveries 4 -f value -c ID')).out.trim();
    receiver.responses.delete('/failing');
    await shell.run(`latchkey webhook retry 4 ${id}`);
    await until(() => receiver.at('/failing').length >= 2, 'the second attempt');
    await until(
      async () => (await shell.run('latchkey webhook deliveries 4')).out.includes('delivered'),
      'the success is stored',
    );
    await shell.plays(`
      $ latchkey webhook deliveries 4 -f value -c Type -c State -c Answer
      webhook.test delivered 204
      $ latchkey webhook test 4 -q; latchkey webhook deliveries 4 --limit 1 --all-pages -f value -c Type
      webhook.test
      webhook.test
      $ latchkey webhook retry 4 999
      latchkey: Retrying the delivery 999: Delivery 999 could not be found.<...>
      [4]
    `);
  });
});
