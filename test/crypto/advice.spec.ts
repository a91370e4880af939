import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import { Keys } from '../../src/crypto/keys.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { readPublicKeyFile } from '../../src/cli/keypair/public-key-file.js';
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

const file = (name: string, ...words: string[]): Buffer => {
  bench.run('openssl', ...words, '-out', name);
  return readFileSync(bench.path(name));
};
const certificateDer = file('pem.der', 'x509', '-in', 'pem', '-outform', 'DER');
const p7b = file('pem.p7b', 'crl2pkcs7', '-nocrl', '-certfile', 'pem');
const p7c = file('pem.p7c', 'crl2pkcs7', '-nocrl', '-certfile', 'pem', '-outform', 'DER');
bench.write('spki', bench.run('ssh-keygen', '-e', '-m', 'PKCS8', '-f', 'rsa.pub'));
const rsaDer = file('rsa.der', 'pkey', '-pubin', '-in', 'spki', '-outform', 'DER');

/** A key as each program writes it: its bytes in FILE, and the key in it. */
const INPUTS: [string, string | Buffer, RegExp, string][] = [
  ['quotation marks', `"${good}"`, /quotation marks/, good],
  ['curly quotation marks', `\u201c${good}\u201d`, /quotation marks/, good],
  ['a byte order mark', Buffer.from(`\ufeff${good}`), /byte order mark/, good],
  ['UTF-16 of Windows', Buffer.from(`\ufeff${good}`, 'utf16le'), /UTF-16/, good],
  ['UTF-16 in the other order of bytes', Buffer.from(`\ufeff${good}`, 'utf16le').swap16(), /UTF-16/, good],
  ['indentation', `    ${good}`, /stand before the key/, good],
  ['an invisible blank', `\u200b${good}`, /stand before the key/, good],
  ['a line end before it', `\n${good}`, /stand before the key/, good],
  ['a comment line', `# laptop\n${good}`, /comment line/, good],
  ['a literal \\n inside', `${type} ${base64}\\n`, /characters \\n/, good],
  ['JSON', JSON.stringify({ key: good }), /JSON/, good],
  ['YAML', `ssh_authorized_keys:\n  - name: alice\n    key: ${good}\n`, /file of settings/, good],
  ['a block of YAML', `key: |\n  ${good}\n`, /file of settings/, good],
  ['a list of YAML', `- ${good}`, /file of settings/, good],
  ['a variable of Terraform', `public_key = "${good}"`, /file of settings/, good],
  ['a row of a spreadsheet', `alice,${good}`, /row of a spreadsheet/, good],
  ['a spreadsheet with quotes', `name;key\nalice;"${good}"\n`, /row of a spreadsheet/, good],
  ['cells with tabs between them', `alice\t${good}\tlaptop`, /row of a spreadsheet/, good],
  ['lines that broke', `${type} ${base64.slice(0, 40)}\n${base64.slice(40)}`, /broken over/, good],
  ['lines that a shell broke', `${type} ${base64.slice(0, 40)}\\\n${base64.slice(40)}`, /broken over/, good],
  ['RFC 4716', bench.run('ssh-keygen', '-ef', 'rsa.pub'), /RFC 4716/, rsa],
  ['PEM of RSA', bench.read('spki'), /PEM public key/, rsa],
  ['PKCS#1 of RSA', bench.run('ssh-keygen', '-e', '-m', 'PEM', '-f', 'rsa.pub'), /PEM public key/, rsa],
  ['PEM of Ed25519', spkiOf(base64), /PEM public key of Ed25519/, good],
  ['DER of RSA', rsaDer, /public key in binary DER/, rsa],
  ['DER of Ed25519', Buffer.from(spkiOf(base64).split('\n')[1], 'base64'), /Ed25519 in binary DER/, good],
  ['a certificate in DER', certificateDer, /binary DER/, pem],
  ['a certificate in DER, in base64', pem.replaceAll(/-----.*-----\n/g, ''), /DER in base64/, pem],
  ['a certificate in PKCS#7', p7b, /PKCS#7/, pem],
  ['a certificate in PKCS#7 in DER', p7c, /PKCS#7 in binary DER/, pem],
  ['a certificate in PKCS#7 in base64', p7c.toString('base64'), /PKCS#7 in base64/, pem],
  ['a certificate in UTF-16', Buffer.from(`\ufeff${pem}`, 'utf16le'), /UTF-16/, pem],
  ['a certificate in JSON', JSON.stringify({ certificate: pem, chain: [pem] }), /no lines any more/, pem],
  ['a certificate on one line', pem.replaceAll('\n', ' '), /no lines any more/, pem],
  ['a certificate that is indented', pem.replaceAll(/^/gm, '    '), /indented/, pem],
];

describe.each(INPUTS)('%s', (_, content, names, key) => {
  const bytes = Buffer.from(content);
  const as = key === pem ? KeypairType.X509 : KeypairType.Ssh;

  // Clients misread binary files in either encoding; they read text correctly.
  const encodings = typeof content === 'string' ? (['utf8'] as const) : (['utf8', 'latin1'] as const);
  it.each(encodings)('sent as %s is refused with a command that prints the key', (encoding) => {
    const reason = reasonOf(bytes.toString(encoding), as);
    expect(reason).toMatch(names);
    const printed = run(reason, bytes);
    expect(keys.inspect(as === KeypairType.Ssh ? printed.split('\n')[0] : printed, as)).toEqual(keys.inspect(key));
  });
});

describe.each(INPUTS)('a file with %s', (_, content, names, key) => {
  const as = key === pem ? KeypairType.X509 : KeypairType.Ssh;

  it('is converted by the command line, or refused with the same message', async () => {
    writeFileSync(join(folder, 'FILE'), content);
    const { text, notes } = await readPublicKeyFile(join(folder, 'FILE'));
    const isConverted = notes.length > 0;
    const outcome = isConverted ? keys.inspect(text, as) : reasonOf(text, as);
    expect([keys.inspect(key), expect.stringMatching(names)]).toContainEqual(outcome);
    expect(isConverted || typeof content === 'string').toBe(true);
  });
});

describe('a file without a key is refused with the name of its kind', () => {
  it.each<[string, string, RegExp]>([
    ['a log-in page', '<!DOCTYPE html>\n<html><title>Log in</title></html>', /web page .* fetch the key anew/],
    ['an error in XML', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', /web page or XML/],
    ['JSON without a key', '{"keys":[]}', /JSON; .*send the key alone/],
    ['a JSON Web Key', '{"kty":"RSA","n":"AA","e":"AQAB"}', /JSON/],
    ['quotation marks around nothing', '""', /quotation marks .*send the key alone/],
    ['a fingerprint', bench.run('ssh-keygen', '-lf', 'good.pub'), /fingerprint, .*send the key itself/],
    ['an old fingerprint', bench.run('ssh-keygen', '-E', 'md5', '-lf', 'good.pub').split(' ')[1], /fingerprint/],
    ['its picture', bench.run('ssh-keygen', '-lvf', 'good.pub').split('\n').slice(1).join('\n'), /fingerprint/],
    ['the name of a file', '~/.ssh/id_ed25519.pub', /name of a file .*send what it holds/],
    ['the name of a file of Windows', 'C:\\Users\\alice\\id.pub', /name of a file/],
    ['an address', 'https://example.org/alice.keys', /file or page/],
  ])('%s', (_, text, names) => {
    for (const as of [KeypairType.Ssh, KeypairType.X509]) {
      const reason = reasonOf(text, as);
      expect(reason).toMatch(names);
      expect(reason).not.toContain(' with: ');
    }
  });

  it('PKCS#12, with the command that prints the certificate', () => {
    bench.run('openssl', 'pkcs12', '-export', '-in', 'pem', '-inkey', 'pem.key', '-passout', 'pass:', '-out', 'pfx');
    const pfx = readFileSync(bench.path('pfx'));
    for (const text of [pfx.toString('utf8'), pfx.toString('latin1'), pfx.toString('base64')]) {
      const reason = reasonOf(text, KeypairType.X509);
      expect(reason).toMatch(/THIS IS A PRIVATE KEY.* printed by: openssl pkcs12 -nokeys -in FILE$/);
      const [, command] = / printed by: (.*)$/.exec(reason) ?? [];
      expect(keys.inspect(run(` with: ${command} -passin pass:`, pfx))).toEqual(keys.inspect(pem));
    }
  });
});

describe('what guests never see is accepted as Nova accepts it', () => {
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

function run(reason: string, text: Buffer): string {
  const [, command = ''] = / with: (.*)$/.exec(reason) ?? [];
  writeFileSync(join(folder, 'FILE'), text, { mode: 0o600 });
  return execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function spkiOf(blob: string): string {
  const point = Buffer.from(blob, 'base64').subarray(-32);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), point]).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`;
}
