import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
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
  await shell.run(
    'ssh-keygen -q -t ed25519 -N "" -C first -f first; ssh-keygen -q -t ed25519 -N "" -C second -f second',
  );
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

const COLUMNS = '-q -f value -c name -c version -c tags -c delete_protected';

describe('keypair apply', () => {
  it('makes a keypair once, and changes nothing when it is repeated', () =>
    shell.plays(`
      $ latchkey keypair apply ci --public-key first.pub --tag job=4711 ${COLUMNS}
      ci
      1
      {"job":"4711"}
      false
      $ latchkey keypair apply ci --public-key first.pub --tag job=4711 ${COLUMNS}
      ci
      1
      {"job":"4711"}
      false
      $ latchkey keypair show ci --public-key | diff - first.pub
    `));

  it('replaces another key only where it is allowed to', () =>
    shell.plays(`
      $ latchkey keypair apply ci --public-key second.pub
      latchkey: Applying ci: <...> Add --replace, or --if-version N, to replace it.
      [5]
      $ latchkey keypair apply ci --public-key second.pub --if-version 7
      latchkey: Applying ci: <...>
      [5]
      $ latchkey keypair apply ci --public-key second.pub --if-version 1 -q -f value -c version
      2
      $ latchkey keypair apply ci --public-key first.pub --replace -q -f value -c version
      3
      $ latchkey keypair show ci --public-key | diff - first.pub
    `));

  it('takes an end as a duration or a time, and nothing else', async () => {
    await shell.plays(`
      $ latchkey keypair apply ci --public-key first.pub --expires 2099-01-01 -q -f value -c expires_at
      2099-01-01T00:00:00.000000
      $ latchkey keypair apply ci --public-key first.pub --expires tomorrow
      latchkey: --expires must be a duration such as 90d, or a time such as 2027-12-31T00:00:00Z.
      [2]
      $ latchkey keypair apply ci --public-key first.pub --if-version one
      latchkey: --if-version must be a whole number, such as 3.
      [2]
    `);
    const { out } = await shell.run('latchkey keypair set ci --expires 90d -q -f value -c expires_at');
    const days = (Date.parse(`${out.trim()}Z`) - Date.now()) / 86_400_000;
    expect(Math.abs(days - 90)).toBeLessThan(0.1);
  });
});

describe('keypair set and unset', () => {
  it('change what they name and leave the rest', () =>
    shell.plays(`
      $ latchkey keypair apply box --public-key first.pub -q
      $ latchkey keypair set box --tag env=prod --tag owner=alice --protect ${COLUMNS}
      box
      2
      {"env":"prod","owner":"alice"}
      true
      $ latchkey keypair delete box
      latchkey: Deleting box: <...>
      [5]
      $ latchkey keypair unset box --tag env --protect ${COLUMNS}
      box
      3
      {"owner":"alice"}
      false
      $ latchkey keypair unset box
      latchkey: Nothing is to be changed; see --help.
      [2]
      $ latchkey keypair set missing --note x
      latchkey: Changing missing: <...>
      [4]
      $ latchkey keypair delete box
      Deleted box.
    `));

  it('lose no tag that is set at the same time', async () => {
    await shell.run('latchkey keypair apply busy --public-key first.pub -q');
    const words = ['a', 'b', 'c'].map((tag) => shell.run(`latchkey keypair set busy --tag ${tag}=1 -q`));
    expect((await Promise.all(words)).map(({ status }) => status)).toEqual([0, 0, 0]);
    const { out } = await shell.run('latchkey keypair set busy --note done -q -f value -c tags');
    expect(JSON.parse(out)).toEqual({ a: '1', b: '1', c: '1' });
  });
});

describe('keypair rotate', () => {
  it('makes a new pair of the same name, whose private half is here alone', () =>
    shell.plays(`
      $ latchkey keypair apply laptop --public-key first.pub --tag owner=alice -q
      $ latchkey keypair rotate laptop --private-key laptop-2 -q ${COLUMNS.replace('-q ', '')}
      laptop
      2
      {"owner":"alice"}
      false
      $ stat -c %a laptop-2
      600
      $ ssh-keygen -y -f laptop-2 > laptop-2.pub
      $ latchkey keypair show laptop --public-key | diff - laptop-2.pub
      $ latchkey keypair rotate laptop --private-key laptop-2
      latchkey: laptop-2 exists already<...>
      [5]
      $ latchkey keypair rotate laptop --public-key second.pub --overlap 1h -q -f value -c version
      3
      $ latchkey keypair rotate laptop --private-key laptop-3 --if-version 1
      latchkey: Applying laptop: <...>
      [5]
      $ ls laptop-3
      ls: cannot access 'laptop-3': No such file or directory
      [2]
    `));
});

describe('a rotation', () => {
  it('reaches guests that follow their keypairs with both keys, until the overlap ends', async () => {
    await shell.run('latchkey keypair apply fleet --public-key first.pub -q');
    await shell.plays(`
      $ latchkey guest create web-1 --key fleet --follow-keys -q -f value -c follow_keys
      true
      $ latchkey guest create web-2 --key fleet -q
      $ latchkey keypair rotate fleet --public-key second.pub --overlap 12h -q
      $ latchkey guest metadata web-1 | grep -o '"fleet[^"]*": *"ssh-ed25519'
      "fleet": "ssh-ed25519
      "fleet-v1": "ssh-ed25519
      $ latchkey guest metadata web-2 | grep -o '"fleet[^"]*": *"ssh-ed25519'
      "fleet": "ssh-ed25519
      $ latchkey keypair rotate fleet --public-key first.pub --overlap 0m -q
      $ latchkey guest update web-2 --follow-keys -q
      $ latchkey guest metadata web-2 | grep -o '"fleet[^"]*": *"ssh-ed25519'
      "fleet": "ssh-ed25519
      "fleet-v1": "ssh-ed25519
      $ latchkey guest update web-1 --no-follow-keys -q -f value -c follow_keys
      false
    `);
  });
});

describe('keypair list', () => {
  it('searches by tag, fingerprint, prefix and age', async () => {
    await shell.run('latchkey keypair apply tmp-1 --public-key second.pub --tag job=1 -q');
    await shell.run('latchkey keypair apply tmp-2 --public-key second.pub --tag job=2 -q');
    const fingerprint = (await shell.run('ssh-keygen -l -f second.pub')).out.split(' ')[1];
    await shell.plays(`
      $ latchkey keypair list --prefix tmp- -f value -c Name
      tmp-1
      tmp-2
      $ latchkey keypair list --tag job=2 -f value -c Name -c Type
      tmp-2 ssh
      $ latchkey keypair list --fingerprint-is ${fingerprint} --prefix tmp -f value -c Name
      tmp-1
      tmp-2
      $ latchkey keypair list --prefix tmp- --limit 1 -f value -c Name
      tmp-1
      $ latchkey keypair list --older-than 1d -f value -c Name
      $ latchkey keypair list --prefix tmp-1 --long -f value -c Name -c Algorithm -c Bits -c Guests -c Tags
      tmp-1 ssh-ed25519 256 0 job=1
      $ latchkey keypair list --expires-before soon
      latchkey: --expires-before must be a time such as 2027-12-31, or 2027-12-31T00:00:00Z.
      [2]
      $ latchkey keypair list --all-users
      latchkey: Searching keypairs: <...>
      [3]
    `);
  });
});

describe('keypair prune', () => {
  it('lists what it would delete, and deletes it with --yes, but for what is protected or in use', async () => {
    for (const name of ['ci-1', 'ci-2', 'ci-guarded', 'ci-used'])
      await shell.run(`latchkey keypair apply ${name} --public-key second.pub -q`);
    await shell.run('latchkey keypair set ci-guarded --protect -q; latchkey guest create web --key ci-used -q');
    await shell.plays(`
      $ latchkey keypair prune
      latchkey: Name at least one of --prefix, --older-than, --unused-for, --expired and --owner-gone.
      [2]
      $ OS_TOKEN=admin:admin latchkey keypair prune --owner-gone
      latchkey: Without Keystone there is no list of users; name one with --user.
      [2]
      $ latchkey keypair prune --prefix ci- -f value
      ci-1 would be deleted
      ci-2 would be deleted
      ci-guarded kept: protected
      ci-used kept: attached
      Nothing was deleted yet; add --yes to delete them.
      $ latchkey keypair prune --prefix ci- --older-than 1d -f value
      $ latchkey keypair prune --prefix ci- --yes -f value
      ci-1 deleted
      ci-2 deleted
      ci-guarded kept: protected
      ci-used kept: attached
      $ latchkey keypair list --prefix ci- -f value -c Name
      ci-guarded
      ci-used
    `);
  });
});

describe('keypairs of the project', () => {
  it('are shared, used by others by name, and deleted by who made them', async () => {
    const bob = new Shell({
      OS_ENDPOINT: `http://${service.client.host}/v2.1`,
      OS_TOKEN: 'bob:demo',
      OS_PROJECT_ID: 'demo',
    });
    await shell.run('latchkey keypair apply deploy --public-key first.pub -q');
    await shell.plays(`
      $ latchkey keypair share deploy
      latchkey: The project is not known; name it with --os-project-id.
      [2]
      $ latchkey keypair share deploy --project demo --move -q -f value -c name -c scope -c project_id
      deploy
      project
      demo
      $ OS_PROJECT_ID=demo latchkey keypair create ops --public-key second.pub --shared -q
      $ OS_PROJECT_ID=demo latchkey keypair list --shared --long -f value -c Name -c Scope
      deploy project
      ops project
      $ latchkey keypair list --own --prefix deploy -f value -c Name
    `);
    await bob.plays(`
      $ latchkey keypair list -f value -c Name
      deploy
      ops
      $ latchkey keypair delete deploy
      latchkey: Deleting deploy: <...>/v1/projects/demo/keypairs<...>
      [3]
      $ latchkey keypair delete deploy --shared
      latchkey: Deleting deploy: Policy doesn't allow latchkey:project-keypairs:delete to be performed.
      [3]
      $ latchkey keypair list --shared --user alice
      latchkey: <...>
      [2]
    `);
    await shell.plays(`
      $ OS_PROJECT_ID=demo latchkey keypair set deploy --shared --note 'of all' -q -f value -c note
      of all
      $ OS_PROJECT_ID=demo latchkey keypair prune --shared --prefix ops --yes -f value
      ops deleted
      $ OS_PROJECT_ID=demo latchkey keypair delete 'dep*' --shared --yes
      Deleted deploy.
    `);
    bob.remove();
  });
});

describe('docs/keypairs.md', () => {
  it('has commands that work as they are written', async () => {
    const [, block] = /```sh\n(.*?)```/s.exec(readFileSync('docs/keypairs.md', 'utf8'))!;
    const lines = block.trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    await shell.run(
      'mkdir -p ~/.ssh; cp second.pub ci.pub; latchkey keypair apply laptop --public-key ci.pub --replace -q',
    );
    for (const line of lines) expect(await shell.run(line)).toMatchObject({ status: 0 });
  });
});

describe('at a Nova, which has no /v1', () => {
  let nova: Server;

  /** The service without what a Nova does not have: Nova answers 300 to unknown roots. */
  beforeAll(async () => {
    nova = createServer((sent, answer) => {
      if (sent.url!.startsWith('/v1')) {
        answer.writeHead(300, { 'Content-Type': 'application/json' }).end('{"choices": []}');
        return;
      }
      const [hostname, port] = service.client.host.split(':');
      const { method, url: path, headers } = sent;
      sent.pipe(
        request({ hostname, port, method, path, headers }, (received) => {
          answer.writeHead(received.statusCode!, received.headers);
          received.pipe(answer);
        }),
      );
    });
    await once(nova.listen(0, '127.0.0.1'), 'listening');
    shell.export({ OS_ENDPOINT: `http://127.0.0.1:${(nova.address() as AddressInfo).port}/v2.1` });
  });
  afterAll(() => {
    nova.close();
  });

  it('apply creates, and replaces by deleting', () =>
    shell.plays(`
      $ latchkey keypair apply plain --public-key first.pub -q -f value -c name
      plain
      $ latchkey keypair apply plain --public-key first.pub -q
      $ latchkey keypair apply plain --public-key second.pub
      latchkey: plain has another key. Add --replace to delete it and create it anew.
      [5]
      $ latchkey keypair apply plain --public-key second.pub --replace -q
      $ latchkey keypair show plain --public-key | diff - second.pub
      $ latchkey keypair delete plain
      Deleted plain.
    `));

  it('the other commands report that they need Latchkey', () =>
    shell.plays(`
      $ latchkey keypair apply plain --public-key first.pub --expires 1d
      latchkey: Applying plain needs Latchkey, and http://<...> is another compute service.
      [1]
      $ latchkey keypair set laptop --protect
      latchkey: Changing laptop needs Latchkey, and http://<...> is another compute service.
      [1]
      $ latchkey keypair rotate laptop --private-key new
      latchkey: Showing laptop needs Latchkey, and http://<...> is another compute service.
      [1]
      $ latchkey keypair prune --expired
      latchkey: Pruning keypairs needs Latchkey, and http://<...> is another compute service.
      [1]
      $ latchkey keypair list --expired
      latchkey: Searching keypairs needs Latchkey, and http://<...> is another compute service.
      [1]
    `));
});
