import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { Shell } from './shell.js';

const ID = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const [start, journey] = [...readFileSync('docs/guests.md', 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(
  ([, block]) => block.trim().split('\n'),
);

let service: ServiceProcess;
let shell: Shell;
let metadata: string;

beforeAll(async () => {
  shell = new Shell();
  putEmptyDatabase(shell.path('data'));
  const settings = { DATA_DIR: shell.path('data'), AUTH_MODE: 'builtin', METADATA_HOST: '127.0.0.1' };
  service = await ServiceProcess.listening(settings);
  metadata = /metadata at http:\/\/([^/]+)\//.exec(service.printedText)![1];
  // The port was chosen when the service had started.
  const clouds = shell.path('data/clouds.yaml');
  writeFileSync(clouds, readFileSync(clouds, 'utf8').replaceAll('127.0.0.1:0', service.client.host));
  await shell.run('mkdir home/.ssh tools; ssh-keygen -q -t ed25519 -N "" -C me@laptop -f home/.ssh/id_ed25519');
  // A domain that starts asks where its serial number leads, as cloud-init does.
  mkdirSync(shell.path('domain'));
  writeFileSync(
    shell.path('tools/virsh'),
    `#!/bin/sh
case $1 in
  domuuid) echo ${ID} ;;
  edit) sed -n "s/.*<entry name='serial'>ds=nocloud-net;s=\\(.*\\)<.*/\\1/p" recipe > domain/url ;;
  start) curl -sf --interface 127.0.0.9 -A Cloud-Init/22.4.2 "$(cat domain/url)meta-data" > domain/meta-data ;;
esac
`,
  );
  chmodSync(shell.path('tools/virsh'), 0o755);
});

afterAll(async () => {
  await service?.stop();
  shell?.remove();
});

describe('the journey of docs/guests.md', () => {
  it('leads in at most ten lines, with those of a clone and its packages, to a guest that has the key', async () => {
    expect(2 + start.length + journey.length).toBeLessThanOrEqual(10);
    const typed = journey.map((line) =>
      line
        .replaceAll('npx latchkey', 'latchkey')
        .replaceAll('http://192.168.122.1:8775', `http://${metadata}`)
        .replaceAll('192.168.122.10', '127.0.0.9')
        .replace(/^(latchkey guest recipe .*)$/, '$1 | tee recipe'),
    );
    shell.export({ HOME: shell.path('home') });
    const { err, status } = await shell.run(['set -eu', 'PATH=$PWD/tools:$PATH', ...typed].join('\n'));
    expect({ err, status }).toEqual({ err: '', status: 0 });
    const key = readFileSync(shell.path('home/.ssh/id_ed25519.pub'), 'utf8').trim();
    expect(parse(readFileSync(shell.path('domain/meta-data'), 'utf8'))).toEqual({
      'instance-id': ID,
      'local-hostname': 'web1',
      'public-keys': [key],
      public_keys: [key],
    });
  });
});
