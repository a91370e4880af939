import { createPrivateKey, type KeyObject } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { writeKrl } from '../../src/crypto/ssh/krl.js';
import { parseSshPublicKey, sshLine } from '../../src/crypto/ssh/ssh.js';
import { generateSignerKey, signerOf, typeOfBlob } from '../../src/crypto/ssh/ssh-signer.js';
import {
  readUserCertificate,
  signUserCertificate,
  type UserCertificate,
} from '../../src/crypto/ssh/user-certificate.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import { Bench, blobOf } from './tools.js';

const bench = new Bench();
afterAll(() => bench.clear());

const lineOf = (certificate: Buffer): string => `${typeOfBlob(certificate)} ${certificate.toString('base64')}\n`;

/** A certificate for tests, of a key made by ssh-keygen. */
function certificateOf(publicKey: Buffer, fields: Partial<UserCertificate> = {}): UserCertificate {
  return {
    publicKey,
    serial: 7n,
    keyId: 'latchkey:alice:laptop:req-1',
    principals: ['latchkey:guest:1'],
    validAfter: 1_764_417_600,
    validBefore: 1_764_446_400,
    extensions: ['permit-pty', 'permit-port-forwarding'],
    nonce: Buffer.alloc(32, 1),
    ...fields,
  };
}

const KEYS = [
  bench.sshKey('user-ed25519', 'ed25519', 256),
  bench.sshKey('user-ecdsa', 'ecdsa', 384),
  bench.sshKey('user-rsa', 'rsa', 2048),
].map((line) => parseSshPublicKey(line));
bench.sshKey('authority', 'ed25519', 256);

describe('user certificates', () => {
  it.each(KEYS.map((key) => [key.type, key] as const))(
    'of %s are read by ssh-keygen, of both authorities',
    async (_, key) => {
      for (const type of ['ed25519', 'ecdsa'] as const) {
        const signer = signerOf(generateSignerKey(type));
        const limits = { forceCommand: 'uptime', sourceAddresses: ['10.0.0.0/8', '2001:db8::/32'] };
        const certificate = certificateOf(key.blob, { principals: ['one', 'two'], ...limits });
        bench.write('ours-cert.pub', lineOf(await signUserCertificate(certificate, signer)));
        const shown = bench.run('ssh-keygen', '-L', '-f', 'ours-cert.pub');
        expect(shown).toContain('user certificate');
        expect(shown).toContain('Serial: 7');
        expect(shown).toContain('Key ID: "latchkey:alice:laptop:req-1"');
        expect(shown).toMatch(/Principals: \n\s+one\n\s+two\n/);
        expect(shown).toMatch(/force-command uptime\n\s+source-address 10\.0\.0\.0\/8,2001:db8::\/32\n/);
        expect(shown).toMatch(/Extensions: \n\s+permit-port-forwarding\n\s+permit-pty\n/);
        expect(shown).toMatch(
          type === 'ed25519' ? /Signing CA: ED25519 .*ssh-ed25519/ : /Signing CA: ECDSA .*ecdsa-sha2-nistp256/,
        );
      }
    },
  );

  // Its private key comes from ssh-keygen too, and Ed25519 signatures are deterministic.
  it.each(KEYS.map((key) => [key.type, key] as const))(
    'of %s equal those of ssh-keygen, byte for byte',
    async (_, key) => {
      bench.write('user.pub', `${sshLine(key)}\n`);
      const limits = ['-O', 'clear', '-O', 'permit-pty', '-O', 'permit-port-forwarding', '-O', 'force-command=uptime'];
      const sources = ['-O', 'source-address=10.0.0.0/8,192.0.2.1/32'];
      const validity = ['-V', '20260101000000Z:20260101080000Z'];
      const names = ['-s', 'authority', '-I', 'id of alice', '-n', 'web,db', '-z', '12'];
      bench.run('ssh-keygen', '-q', ...names, ...validity, ...limits, ...sources, 'user.pub');
      const theirs = blobOf(bench.read('user-cert.pub'));
      const read = readUserCertificate(theirs);
      expect(read).toMatchObject({
        serial: 12n,
        principals: ['web', 'db'],
        keyId: 'id of alice',
        forceCommand: 'uptime',
      });
      const signer = signerOf(ed25519Key('authority'));
      expect(signer.publicKey.equals(read.signerKey)).toBe(true);
      expect((await signUserCertificate(read, signer)).equals(theirs)).toBe(true);
    },
  );

  it('carry any text unchanged, without one becoming two', async () => {
    const signer = signerOf(generateSignerKey('ed25519'));
    const text = fc.string({
      unit: fc.constantFrom('a', '"', "'", ',', '\n', '\r', '\0', ' ', '\u202e', '\u2028', '=', '\\', '%', '𝒌'),
      minLength: 1,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 8 }),
        text,
        text,
        async (principals, keyId, forceCommand) => {
          const certificate = certificateOf(KEYS[0].blob, { principals, keyId, forceCommand });
          const read = readUserCertificate(await signUserCertificate(certificate, signer));
          expect(read).toEqual({
            ...certificate,
            extensions: certificate.extensions.toSorted(),
            signerKey: signer.publicKey,
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('are not issued without a principal, which some servers take for every user', async () => {
    const signer = signerOf(generateSignerKey('ed25519'));
    await expect(signUserCertificate(certificateOf(KEYS[0].blob, { principals: [] }), signer)).rejects.toThrow(
      TypeError,
    );
  });

  it('that are broken or of another kind are refused with that reason', async () => {
    const whole = await signUserCertificate(certificateOf(KEYS[0].blob), signerOf(generateSignerKey('ed25519')));
    for (const length of Array.from({ length: whole.length }, (_, at) => at)) {
      expect(() => readUserCertificate(whole.subarray(0, length))).toThrow(InvalidKey);
    }
    expect(() => readUserCertificate(KEYS[0].blob)).toThrow(InvalidKey);
  });
});

describe('key revocation lists', () => {
  it('are read by ssh-keygen: the listed serial numbers are revoked, of every authority, and no other', async () => {
    const signers = (['ed25519', 'ecdsa'] as const).map((type) => signerOf(generateSignerKey(type)));
    const krl = writeKrl(
      signers.map(({ publicKey }) => publicKey),
      [9n, 3n, 2n ** 40n],
    );
    bench.write('krl', krl);
    for (const [at, signer] of signers.entries()) {
      for (const serial of [3n, 9n, 2n ** 40n, 4n]) {
        const name = `krl-${at}-${serial}-cert.pub`;
        bench.write(name, lineOf(await signUserCertificate(certificateOf(KEYS[0].blob, { serial }), signer)));
        expect([serial, verdictOn(name)]).toEqual([serial, serial === 4n ? 'valid' : 'revoked']);
      }
    }
  });

  it('are valid when empty', async () => {
    bench.write('krl', writeKrl([], []));
    const signer = signerOf(generateSignerKey('ed25519'));
    bench.write('good-cert.pub', lineOf(await signUserCertificate(certificateOf(KEYS[0].blob), signer)));
    expect(verdictOn('good-cert.pub')).toBe('valid');
  });
});

/** ssh-keygen exits with 1 both for a revoked certificate and for a list that it cannot read; its output distinguishes them. */
function verdictOn(certificate: string): string {
  try {
    bench.run('ssh-keygen', '-Q', '-f', 'krl', certificate);
    return 'valid';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return stdout.includes('REVOKED') ? 'revoked' : stdout + stderr;
  }
}

/** ssh-keygen writes Ed25519 in its own format only, where the seed stands before the last copy of the public key. */
function ed25519Key(name: string): KeyObject {
  const bytes = Buffer.from(bench.read(name).replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = bytes.lastIndexOf(blobOf(bench.read(`${name}.pub`)).subarray(-32)) - 32;
  // RFC 8410, section 7.
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes.subarray(at, at + 32)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
