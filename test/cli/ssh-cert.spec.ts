import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
const commands = [...readFileSync('docs/ssh-ca.md', 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) =>
  block.trim().split('\n'),
);
let service: ServiceProcess;
let shell: Shell;

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir, SSH_CA: 'on' });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  shell.export({ HOME: shell.path('home') });
  await shell.run('mkdir home/.ssh; latchkey keypair create laptop --private-key home/.ssh/laptop');
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

describe('latchkey ssh-cert', () => {
  it('does what docs/ssh-ca.md shows', async () => {
    expect(commands.length).toBeGreaterThan(3);
    const { err, status } = await shell.run(`set -eu\n${commands.join('\n')}`);
    expect([status, err]).toEqual([
      0,
      expect.stringMatching(/^The certificate in .*laptop-cert.pub is valid until .*Z\.\n$/),
    ]);
    await shell.plays(`
      $ ssh-keygen -L -f home/.ssh/laptop-cert.pub | grep -c 'Key ID: "latchkey:alice:laptop:req-'
      1
      $ ssh-keygen -Q -f latchkey.krl home/.ssh/laptop-cert.pub
      home/.ssh/laptop-cert.pub (<...>): ok
      $ latchkey guest keys web | cut -d' ' -f1,2
      <...>
      cert-authority,principals="latchkey:guest:<...>" ssh-ed25519
    `);
  });

  it('keeps a certificate that lasts, and replaces one that does not', () =>
    shell.plays(`
      $ latchkey ssh-cert ensure laptop --project --ttl 4m --out short-cert.pub; cksum < short-cert.pub > before
      $ latchkey ssh-cert ensure laptop --project --out short-cert.pub; cksum < short-cert.pub | cmp -s - before
      [1]
      $ cksum < short-cert.pub > before; latchkey ssh-cert ensure laptop --project --out short-cert.pub
      $ cksum < short-cert.pub | cmp - before
    `));

  it('lists and revokes them, and reports what is refused', () =>
    shell.plays(`
      $ latchkey ssh-cert list --active -f value -c Serial -c Keypair -c Revoked | head -1
      1 laptop no
      $ latchkey ssh-cert revoke 1; latchkey ssh-cert list -f value -c Serial -c Revoked | head -1
      Revoked 1.
      1 yes
      $ latchkey ssh-cert revoke 99
      latchkey: Revoking the certificate 99: Certificate 99 could not be found.<...>
      [4]
      $ latchkey ssh-cert revoke x
      latchkey: x is no serial number; see "latchkey ssh-cert list".
      [2]
      $ latchkey ssh-cert laptop
      latchkey: Getting a certificate: A certificate needs a principal; add guests, "project": true, or principals.<...>
      [1]
    `));

  it('puts the key with its certificate into an SSH agent', () =>
    shell.plays(`
      $ eval "$(ssh-agent)" > /dev/null; latchkey ssh-cert laptop --project --agent home/.ssh/laptop -q; ssh-add -L | cut -d' ' -f1; ssh-agent -k > /dev/null
      ssh-<...>
      ssh-<...>-cert-v01@openssh.com
    `));
});

describe('latchkey ca', () => {
  it('shows the authority, and rotates its key in two steps', async () => {
    shell.export({ DATA_DIR: dataDir, SSH_CA: 'on' });
    await shell.plays(`
      $ latchkey ca show -f value -c State
      active
      $ latchkey ca rotate
      Added the key SHA256:<...>. Guests begin to trust it; run this again when they do, and it signs.
      $ latchkey ca rotate
      The key SHA256:<...> signs now. The one before it is trusted until the next rotation, and signs no more.
      $ grep -c PRIVATE ${join(dataDir, 'ssh-ca.key')}; stat -c %a ${join(dataDir, 'ssh-ca.key')}
      2
      600
      $ grep -o 'ssh-ca[a-z.-]*' ${join(dataDir, 'audit.log')}
      ssh-ca.add-key
      ssh-ca.rotate
      $ SSH_CA_AGENT=/nowhere latchkey ca rotate
      latchkey: The key is in the agent of SSH_CA_AGENT: <...>
      [2]
      $ DATA_DIR=elsewhere latchkey ca rotate
      latchkey: The file of the key cannot be read or written (ENOENT). <...>
      [78]
    `);
  });
});
