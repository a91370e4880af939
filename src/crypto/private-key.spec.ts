import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { holdsPrivateKey } from '../key-formats/holds-private-key.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curve = (name: string) => generateKeyPairSync('ec', { namedCurve: name }).privateKey;
const ed25519 = generateKeyPairSync('ed25519');
const bare = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
const pem = (type: 'pkcs1' | 'pkcs8') => privateKey.export({ type, format: 'pem' }).toString();

describe('a private key', () => {
  it.each([
    ['PKCS#1 in PEM', pem('pkcs1')],
    ['PKCS#8 in PEM', pem('pkcs8')],
    ['encrypted PKCS#8', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIC'],
    ['SEC 1', '-----BEGIN EC PRIVATE KEY-----\nMHcC'],
    ['OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA'],
    ['OpenSSH without its frame', 'b3BlbnNzaC1rZXktdjEAAAAA'],
    ['ssh.com', '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n'],
    ['PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n'],
    ['PKCS#1 without its frame', privateKey.export({ type: 'pkcs1', format: 'der' }).toString('base64')],
    ['PKCS#8 without its frame', privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')],
    ...['P-256', 'P-384', 'P-521'].flatMap((name) => [
      [`SEC 1 of ${name} without its frame`, curve(name).export({ type: 'sec1', format: 'der' }).toString('base64')],
      [`PKCS#8 of ${name} without its frame`, curve(name).export({ type: 'pkcs8', format: 'der' }).toString('base64')],
    ]),
    [
      'PKCS#8 of Ed25519 without its frame',
      ed25519.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    ],
    ['one on the line after 64 characters of base64', `${'A'.repeat(64)}\n${bare}`],
    [
      'one in the text around a certificate',
      `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\nkey: "${bare}"`,
    ],
    ['one after a public key', `ssh-ed25519 AAAA\n${pem('pkcs1')}`],
  ])('is recognised: %s', (_, text) => {
    expect(holdsPrivateKey(text)).toBe(true);
  });

  it.each([
    ['SPKI in PEM', publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['PKCS#1 in PEM', publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ...['P-256', 'P-384', 'P-521'].map((name) => [
      `SPKI of ${name} without its frame`,
      createPublicKey(curve(name)).export({ type: 'spki', format: 'der' }).toString('base64'),
    ]),
    ['SPKI of Ed25519', ed25519.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
    ['SPKI without its frame', publicKey.export({ type: 'spki', format: 'der' }).toString('base64')],
    [
      'a line of SSH',
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob my private key',
    ],
  ])('is not seen in a public key: %s', (_, text) => {
    expect(holdsPrivateKey(text)).toBe(false);
  });
});
