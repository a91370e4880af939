import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import { Keys } from '../../src/crypto/keys.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { Bench } from './tools.js';

const bench = new Bench();
const keys = new Keys(readConfig({}));
const folder = mkdtempSync(join(tmpdir(), 'advice-'));
afterAll(() => {
  bench.clear();
  rmSync(folder, { recursive: true });
});

const good = bench.sshKey('good', 'ed25519', 256).trimEnd();
const rsa = bench.sshKey('rsa', 'rsa', 2048).trimEnd();
const pem = bench.certificate('pem', 'rsa:2048');
const [type, base64] = good.split(' ');

function reasonOf(text: string, as: KeypairType): string {
  try {
    keys.inspect(text, as);
  } catch (error) {
    if (error instanceof InvalidKey) return error.reason;
    throw error;
  }
  throw new Error('The key was taken.');
}

describe('the command that a refusal names prints the key', () => {
  it.each<[string, string, RegExp, string]>([
    ['quotation marks', `"${good}"`, /quotation marks/, good],
    ['curly quotation marks', `\u201c${good}\u201d`, /quotation marks/, good],
    ['a byte order mark', `\ufeff${good}`, /byte order mark/, good],
    ['indentation', `    ${good}`, /stand before the key/, good],
    ['a line end before it', `\n${good}`, /stand before the key/, good],
    ['a comment line', `# laptop\n${good}`, /comment line/, good],
    ['a literal \\n inside', `${type} ${base64}\\n`, /characters \\n/, good],
    ['JSON', JSON.stringify({ key: good }), /JSON/, good],
    ['lines that broke', `${type} ${base64.slice(0, 40)}\n${base64.slice(40)}`, /broken over/, good],
    ['RFC 4716', bench.run('ssh-keygen', '-ef', 'rsa.pub'), /RFC 4716/, rsa],
    ['PEM of RSA', bench.run('ssh-keygen', '-e', '-m', 'PKCS8', '-f', 'rsa.pub'), /PEM public key/, rsa],
    ['PKCS#1 of RSA', bench.run('ssh-keygen', '-e', '-m', 'PEM', '-f', 'rsa.pub'), /PEM public key/, rsa],
    ['PEM of Ed25519', spkiOf(base64), /PEM public key of Ed25519/, good],
  ])('%s', (_, text, names, key) => {
    const reason = reasonOf(text, KeypairType.Ssh);
    expect(reason).toMatch(names);
    const [printed] = run(reason, text).split('\n');
    expect(keys.inspect(printed, KeypairType.Ssh)).toEqual(keys.inspect(key));
  });

  it('DER in base64', () => {
    const text = pem.replaceAll(/-----.*-----\n/g, '');
    const reason = reasonOf(text, KeypairType.X509);
    expect(keys.inspect(run(reason, text))).toEqual(keys.inspect(pem));
  });
});

describe('what guests never see is taken as Nova takes it', () => {
  it.each(['\n\n', '\r\n\r\n', '   ', '\t\n'])('%j after an SSH key', (end) => {
    expect(keys.inspect(good + end)).toEqual(keys.inspect(good));
    expect(keys.forGuest(good + end)).toBe(good);
  });

  it.each([`Bag Attributes\n${pem}`, `${pem}${pem}`, `\ufeff${pem}`, pem.replaceAll('\n', '\r\n')])(
    'around a certificate %#',
    (text) => {
      expect(keys.inspect(text)).toEqual(keys.inspect(pem));
      expect(keys.forGuest(text)).toBe(pem);
    },
  );

  it.each([`${good}\n${pem}`, `${pem}${good}\n`, `${pem}  ${good}\n${pem}`])(
    'but no SSH key beside a certificate %#',
    (text) => {
      expect(reasonOf(text, KeypairType.X509)).toMatch(/SSH key stands beside/);
    },
  );
});

function run(reason: string, text: string): string {
  const [, command = ''] = / with: (.*)$/.exec(reason) ?? [];
  writeFileSync(join(folder, 'FILE'), text, { mode: 0o600 });
  return execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
}

function spkiOf(blob: string): string {
  const point = Buffer.from(blob, 'base64').subarray(-32);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), point]).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`;
}
