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
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

const publicKeyOf = async (name: string): Promise<string> =>
  (await shell.run(`latchkey keypair show ${name} --public-key`)).out;

describe.each([
  ['ed25519', '', '256', 'ED25519'],
  ['ecdsa', '', '256', 'ECDSA'],
  ['ecdsa', '--bits 384', '384', 'ECDSA'],
  ['ecdsa', '--bits 521', '521', 'ECDSA'],
  ['rsa', '', '3072', 'RSA'],
  ['rsa', '--bits 2048', '2048', 'RSA'],
])('an SSH key made with --algorithm %s %s', (algorithm, more, bits, shown) => {
  const name = `${algorithm}${bits}`;

  it('is one of OpenSSH, readable by its owner alone, and the one that was registered', async () => {
    await shell.plays(`
      $ latchkey keypair create ${name} --algorithm ${algorithm} ${more} --private-key ${name} -q
      $ stat -c %a ${name}
      600
      $ head -1 ${name}
      -----BEGIN OPENSSH PRIVATE KEY-----
      $ ssh-keygen -l -f ${name}
      ${bits} <...> ${name} (${shown})
    `);
    const { out } = await shell.run(`ssh-keygen -y -f ${name}`);
    expect(await publicKeyOf(name)).toBe(out);
  });

  it('opens with its passphrase only', async () => {
    const secret = `${name}-secret`;
    const create = `latchkey keypair create ${secret} --algorithm ${algorithm} ${more} --private-key ${secret}`;
    await shell.plays(`
      $ echo 'correct horse' | ${create} --passphrase -q
      $ ssh-keygen -y -P '' -f ${secret}
      Load key "${secret}": incorrect passphrase supplied to decrypt private key
      [255]
    `);
    const { out } = await shell.run(`ssh-keygen -y -P 'correct horse' -f ${secret}`);
    expect(await publicKeyOf(secret)).toBe(out);
    // bcrypt-pbkdf and aes256-ctr, as ssh-keygen itself encrypts.
    const { out: inside } = await shell.run(`sed '1d;$d' ${secret} | base64 -d | head -c 60`);
    expect(inside).toMatch(/^openssh-key-v1\0.*aes256-ctr.*bcrypt/s);
  });
});

const openPkcs12 = 'openssl pkcs12 -passin pass:';

describe('a certificate', () => {
  it('is what Windows wants for WinRM', async () => {
    await shell.plays(`
      $ latchkey keypair create win --type x509 --upn Administrator@localhost --days 30 --private-key win.pfx -q
      $ stat -c %a win.pfx
      600
      $ ${openPkcs12} -in win.pfx -nokeys | openssl x509 > win.crt
    `);
    const { out } = await shell.run('openssl x509 -in win.crt -noout -text');
    expect(out).toMatch(/Subject: CN = Administrator\n/);
    expect(out).toMatch(/Extended Key Usage: \n\s+TLS Web Client Authentication\n/);
    expect(out).toMatch(/Subject Alternative Name: \n\s+othername: UPN::Administrator@localhost\n/);
    expect(out).not.toContain('Basic Constraints');
    expect((await shell.run('openssl x509 -in win.crt -noout -checkend 2505600')).status).toBe(0);
    expect((await shell.run('openssl x509 -in win.crt -noout -checkend 2678400')).status).toBe(1);
    expect((await shell.run('openssl verify -check_ss_sig -CAfile win.crt win.crt')).out).toBe('win.crt: OK\n');
  });

  it('is the one that was registered, with the fingerprint of OpenSSL', async () => {
    const { out } = await shell.run('cat win.crt');
    expect(await publicKeyOf('win')).toBe(out);
    await shell.plays(`
      $ latchkey keypair show win -f value -c fingerprint > sum
      $ openssl x509 -in win.crt -noout -fingerprint -sha1 | tr A-Z a-z | grep -cF "$(cat sum)"
      1
    `);
  });

  it.each([
    ['rsa', '3072'],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
    ['ed25519', '256'],
  ])('may have a key of the kind %s with %s bits', async (algorithm, bits) => {
    const name = `x${algorithm}${bits}`;
    await shell.plays(`
      $ latchkey keypair create ${name} --type x509 --algorithm ${algorithm} --bits ${bits} --private-key ${name}.p12 -q
      $ ${openPkcs12} -in ${name}.p12 -nokeys -out ${name}.crt
      $ ${openPkcs12} -in ${name}.p12 -nocerts -nodes -out ${name}.key
      $ openssl x509 -in ${name}.crt -noout -pubkey > one; openssl pkey -in ${name}.key -pubout | diff - one
      $ openssl verify -check_ss_sig -CAfile ${name}.crt ${name}.crt
      ${name}.crt: OK
    `);
  });

  it('has PKCS#12 of today, with the MAC and the ciphers of OpenSSL 3', async () => {
    const { err } = await shell.run(`${openPkcs12} -in win.pfx -info -noout`);
    expect(err).toContain('MAC: sha256');
    expect(err).toContain('PBES2, PBKDF2, AES-256-CBC');
  });

  it('opens with its passphrase only', () =>
    shell.plays(`
      $ echo 'a long passphrase, longer than one block of a hash is' > phrase
      $ latchkey keypair create locked --type x509 --passphrase --private-key locked.pfx -q < phrase
      $ openssl pkcs12 -in locked.pfx -passin pass: -noout
      Mac verify error: invalid password?
      [1]
      $ openssl pkcs12 -in locked.pfx -passin file:phrase -nodes | openssl x509 -noout -subject
      subject=CN = locked
    `));

  it('goes to old Windows with 3DES and SHA-1', async () => {
    await shell.plays(`
      $ echo swordfish > phrase
      $ latchkey keypair create old --type x509 --legacy-pkcs12 --private-key old.pfx --passphrase -q < phrase
      $ openssl pkcs12 -legacy -in old.pfx -passin file:phrase -nocerts -nodes | openssl pkey -pubout > one
      $ latchkey keypair show old --public-key | openssl x509 -noout -pubkey | diff - one
    `);
    const { err } = await shell.run('openssl pkcs12 -legacy -in old.pfx -passin file:phrase -info -noout');
    expect(err).toContain('MAC: sha1');
    expect(err).toContain('pbeWithSHA1And3-KeyTripleDES-CBC');
    await shell.plays(`
      $ latchkey keypair create old2 --type x509 --legacy-pkcs12 --private-key old2.pfx -q
      $ openssl pkcs12 -legacy -in old2.pfx -passin pass: -nodes | openssl x509 -noout -subject
      subject=CN = old2
    `);
  });

  it('comes as PEM in a file named .pem or .key', () =>
    shell.plays(`
      $ latchkey keypair create pem --type x509 --private-key pem.pem -q
      $ openssl x509 -in pem.pem -noout -pubkey > one; openssl pkey -in pem.pem -pubout | diff - one
      $ echo swordfish | latchkey keypair create pem2 --type x509 --private-key pem2.key --passphrase -q
      $ head -1 pem2.key
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      $ openssl pkey -in pem2.key -passin pass:swordfish -noout
    `));
});

describe('options that do not fit', () => {
  it('are refused before anything is made or sent', async () => {
    await shell.plays(`
      $ latchkey keypair create x --bits 4096
      latchkey: Ed25519 keys have 256 bits; omit --bits.
      [2]
      $ latchkey keypair create x --algorithm rsa --bits 1024
      latchkey: --bits must be a whole number from 2048 to 16384 for rsa.
      [2]
      $ latchkey keypair create x --algorithm ecdsa --bits 255
      latchkey: --bits must be 256, 384 or 521 for ecdsa.
      [2]
      $ latchkey keypair create x --upn Administrator@localhost
      latchkey: --upn is for certificates; add --type x509.
      [2]
      $ latchkey keypair create x --type x509 --upn Administrator
      latchkey: --upn must be written like Administrator@localhost.
      [2]
      $ latchkey keypair create x --type x509 --days 0
      latchkey: --days must be a whole number from 1 to 36500.
      [2]
      $ latchkey keypair create x --type x509 --legacy-pkcs12 --algorithm ecdsa
      latchkey: --legacy-pkcs12 is for RSA keys, as those old systems know no others; omit --algorithm.
      [2]
      $ latchkey keypair create x --public-key id.pub --passphrase
      latchkey: option '--passphrase' cannot be used with option '--public-key <file>'. See --help.
      [2]
      $ latchkey keypair create x -f json
      latchkey: -f needs --private-key FILE, as otherwise the private key takes standard output.
      [2]
      $ printf '' | latchkey keypair create x --passphrase --private-key x
      latchkey: The passphrase is empty; omit --passphrase to have none.
      [2]
      $ ls x
      ls: cannot access 'x': No such file or directory
      [2]
      $ latchkey keypair show x
      latchkey: Showing x: Keypair x not found for user alice.
      [4]
    `);
  });
});
