import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readPublicKeyFile } from '../../src/cli/keypair/public-key-file.js';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-files-'));
const at = (name: string): string => join(directory, name);
const sh = (line: string): string => execFileSync('/bin/sh', ['-ec', line], { cwd: directory, encoding: 'utf8' });

sh(`
  exec 2>/dev/null
  ssh-keygen -q -t ed25519 -N '' -C 'alice@wonderland' -f ed25519
  ssh-keygen -q -t rsa -b 2048 -N '' -C alice -f rsa
  ssh-keygen -q -t ecdsa -b 384 -N '' -C alice -f ecdsa
  for key in rsa ecdsa; do ssh-keygen -e -m PKCS8 -f $key.pub > $key.pem; done
  ssh-keygen -e -m PEM -f rsa.pub > rsa.pkcs1.pem
  openssl genpkey -algorithm ed25519 -out e.key; openssl pkey -in e.key -pubout -out e.pem
  for key in ed25519 rsa ecdsa; do ssh-keygen -e -f $key.pub > $key.4716; done
  openssl pkey -pubin -in rsa.pem -outform DER -out rsa.der
  openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=ca -keyout ca.key -out ca.pem
  openssl req -newkey rsa:2048 -nodes -subj /CN=user -keyout user.key -out user.csr
  openssl x509 -req -in user.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out user.pem
  openssl x509 -in user.pem -outform DER -out user.der
  openssl x509 -in user.pem -text -out user.text
  cat user.pem ca.pem > chain.pem
  openssl crl2pkcs7 -nocrl -certfile ca.pem -certfile user.pem -out chain.p7b
  openssl crl2pkcs7 -nocrl -certfile ca.pem -certfile user.pem -outform DER -out chain.p7c
  openssl pkcs12 -export -inkey user.key -in user.pem -passout pass: -out user.pfx
  openssl pkey -in user.key -outform DER -out user.key.der
`);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Type and number of the key in a line, without the comment. */
function keyIn(line: string): string {
  return line.trim().split(' ', 2).join(' ');
}

const pub = readFileSync(at('ed25519.pub'), 'utf8');
const certificate = readFileSync(at('user.pem'), 'utf8');

describe('a public key file in another format', () => {
  it.each([
    ['ed25519.4716', 'ed25519', 'Converted from RFC 4716.'],
    ['rsa.4716', 'rsa', 'Converted from RFC 4716.'],
    ['ecdsa.4716', 'ecdsa', 'Converted from RFC 4716.'],
    ['rsa.pem', 'rsa', 'Converted from a public key in PEM.'],
    ['rsa.pkcs1.pem', 'rsa', 'Converted from a public key in PEM.'],
    ['ecdsa.pem', 'ecdsa', 'Converted from a public key in PEM.'],
    ['rsa.der', 'rsa', 'Converted from a public key in DER.'],
  ])('%s becomes the line that ssh-keygen wrote', async (file, key, note) => {
    const { text, notes } = await readPublicKeyFile(at(file));
    expect(keyIn(text)).toBe(keyIn(readFileSync(at(`${key}.pub`), 'utf8')));
    expect(notes).toEqual([note]);
  });

  it('of Ed25519 in PEM has the number that openssl shows', async () => {
    const { text } = await readPublicKeyFile(at('e.pem'));
    const number = sh('openssl pkey -pubin -in e.pem -outform DER | tail -c 32 | base64').trim();
    expect(Buffer.from(text.split(' ')[1], 'base64').subarray(-32).toString('base64')).toBe(number);
  });

  it.each([
    ['user.der', 'Converted from a certificate in DER.'],
    ['user.text', 'Dropped the text around the certificate.'],
    ['chain.pem', 'Took the first certificate of the chain of 2.'],
    ['chain.p7b', 'Converted from PKCS#7 in PEM.'],
    ['chain.p7c', 'Converted from PKCS#7 in DER.'],
  ])('%s becomes the certificate of the user', async (file, note) => {
    expect(await readPublicKeyFile(at(file))).toEqual({ text: certificate, notes: [note] });
  });
});

describe('what an editor puts around a key', () => {
  const utf16be = Buffer.from(`\uFEFF${pub}`, 'utf16le').swap16();
  it.each([
    ['a byte order mark', Buffer.from(`\uFEFF${pub}`), 'Dropped the byte order mark.'],
    ['UTF-16 of Windows', Buffer.from(`\uFEFF${pub}`, 'utf16le'), 'Converted from UTF-16.'],
    ['UTF-16 of the other byte order', utf16be, 'Converted from UTF-16.'],
    ['UTF-16 without a mark', Buffer.from(pub, 'utf16le'), 'Converted from UTF-16.'],
  ])('is dropped: %s', async (_, bytes, note) => {
    writeFileSync(at('edited'), bytes);
    expect(await readPublicKeyFile(at('edited'))).toEqual({ text: pub, notes: [note] });
  });

  it.each([`"${pub.trim()}"`, `  ${pub}`, `\t'${pub.trim()}'\n`, `\n\n${pub}`])('is dropped: %j', async (text) => {
    writeFileSync(at('edited'), text);
    expect(await readPublicKeyFile(at('edited'))).toEqual({
      text: pub,
      notes: ['Dropped the blanks and quotes around the key.'],
    });
  });

  it('is dropped around a certificate: indentation and a byte order mark', async () => {
    writeFileSync(at('edited'), `\uFEFF${certificate.replaceAll(/^/gm, '    ')}`);
    expect((await readPublicKeyFile(at('edited'))).text).toBe(certificate);
  });
});

describe('a file that is as it should be', () => {
  it.each(['ed25519.pub', 'rsa.pub', 'user.pem', 'ca.pem'])('stays byte for byte: %s', async (file) => {
    expect(await readPublicKeyFile(at(file))).toEqual({ text: readFileSync(at(file), 'utf8'), notes: [] });
  });
});

describe('a private key', () => {
  const keys = ['ed25519', 'rsa', 'e.key', 'user.key', 'user.pfx', 'user.key.der'];
  it.each(keys)('is never sent: %s', async (file) => {
    await expect(readPublicKeyFile(at(file))).rejects.toThrow(/private key, .*nothing was sent; name the public half/);
  });

  it.each(keys.slice(0, 4))('is not sent in UTF-16 either, nor beside a certificate: %s', async (file) => {
    const text = readFileSync(at(file), 'utf8');
    for (const bytes of [
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
      Buffer.from(certificate + text),
      Buffer.from(pub + text),
    ]) {
      writeFileSync(at('edited'), bytes);
      await expect(readPublicKeyFile(at('edited'))).rejects.toThrow('holds a private key, and nothing was sent');
    }
  });
});
