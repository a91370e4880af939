import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

const { dataDir, remove } = emptyDataDir();
const PASSWORD = 'pässword: $x';
let service: ServiceProcess;
let shell: Shell;

/** As cloudbase-init does it: openssl encrypts for the public key, and the base64 is posted to the metadata service. */
async function leavePassword(): Promise<void> {
  const pem = execFileSync('ssh-keygen', ['-e', '-m', 'PKCS8', '-f', shell.path('id.pub')]);
  await shell.run(`cat > id.pem <<'END'\n${pem.toString()}END`);
  await shell.run(`printf '%s' '${PASSWORD}' | openssl pkeyutl -encrypt -pubin -inkey id.pem | base64 -w0 > password`);
  const answer = await fetch(`http://${service.hosts.guests}/openstack/latest/password`, {
    method: 'POST',
    body: readFileSync(shell.path('password'), 'utf8'),
  });
  expect(answer.status).toBe(200);
}

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir });
  shell = new Shell({ OS_ENDPOINT: `http://${service.client.host}/v2.1`, OS_TOKEN: 'alice:demo' });
  await shell.run(`
    ssh-keygen -q -t rsa -b 2048 -N '' -C '' -f id
    ssh-keygen -q -t rsa -b 2048 -N '' -C '' -f other
    ssh-keygen -q -t ed25519 -N '' -C '' -f ed25519
    cp id id.pkcs1; ssh-keygen -q -p -m PEM -N '' -f id.pkcs1
    cp id id.pkcs8; ssh-keygen -q -p -m PKCS8 -N '' -f id.pkcs8
    openssl genpkey -algorithm ed25519 -out ed25519.pem
    for form in RFC4716 PEM PKCS8; do cp id id.$form; ssh-keygen -q -p -m $form -N swordfish -f id.$form; done
    latchkey keypair create win --public-key id.pub -q
    latchkey guest create win --key win --address 127.0.0.1 -q
  `);
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

describe('the password of a Windows guest', () => {
  it('is not there before the guest has left it', () =>
    shell.plays(`
      $ latchkey guest password win --private-key id
      latchkey: The guest win has left no password yet; wait for cloudbase-init to finish.
      [4]
    `));

  it('is shown with the private key in any format', async () => {
    await leavePassword();
    for (const key of ['id', 'id.pkcs1', 'id.pkcs8']) {
      expect(await shell.run(`latchkey guest password win --private-key ${key}`)).toEqual({
        out: `${PASSWORD}\n`,
        err: '',
        status: 0,
      });
    }
  });

  it.each(['RFC4716', 'PEM', 'PKCS8'])('asks for the passphrase of an encrypted key: %s', async (form) => {
    const line = `latchkey guest password win --private-key id.${form}`;
    const { out } = await shell.inTerminal(80, line, 'swordfish');
    expect(out.replaceAll('\r', '')).toBe(`Passphrase of id.${form}: \n${PASSWORD}\n`);
    expect((await shell.inTerminal(80, line, 'swordfisk')).out).toContain('the passphrase is wrong');
    expect((await shell.run(`${line} < /dev/null`)).err).toContain('has a passphrase; run this on a terminal');
  });

  it('needs the right key, and reports what is wrong with another', () =>
    shell.plays(`
      $ latchkey guest password win --private-key other
      latchkey: other is not the key that the password is encrypted for; name that of the guest's first keypair.
      [1]
      $ latchkey guest password win --private-key ed25519
      latchkey: ed25519 is no RSA key, and Windows encrypts its password for RSA keys only.
      [2]
      $ latchkey guest password win --private-key ed25519.pem
      latchkey: ed25519.pem is no RSA key, and Windows encrypts its password for RSA keys only.
      [2]
      $ latchkey guest password win --private-key id.pub
      latchkey: id.pub cannot be read as a private key, or the passphrase is wrong.
      [2]
    `));
});
