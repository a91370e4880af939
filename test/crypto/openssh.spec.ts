import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { type EllipticCurve, ELLIPTIC_CURVES } from '../../src/crypto/curves/elliptic-curves.js';
import { Keys } from '../../src/crypto/keys.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { Bench, bodyOf, wire } from './tools.js';

// What OpenSSH accepts and refuses, shown by its ssh-keygen with keys and certificates that are made here.

const bench = new Bench();
afterAll(() => bench.clear());

const strict = new Keys(readConfig({}));
const nova = new Keys({ ...readConfig({}), keyPolicy: 'nova' });

/** What ssh-keygen prints of a line; undefined if it refuses the line. */
function shown(option: '-l' | '-L', line: string): string | undefined {
  bench.write('key.pub', `${line}\n`);
  try {
    return bench.run('ssh-keygen', option, '-f', 'key.pub');
  } catch {
    return undefined;
  }
}

const APPLICATION = 'ssh:';
const FLAGS_AND_COUNTER = Buffer.from('0100000007', 'hex');
const strings = (...parts: (string | Buffer)[]): Buffer => Buffer.concat(parts.map((part) => wire.string(part)));
const digest = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

interface SecurityKey {
  readonly type: string;
  /** What follows the type in its blob. */
  readonly body: Buffer;
  /** A signature as PROTOCOL.u2f has it, up to the flags. */
  readonly sign: (message: Buffer) => Buffer;
  /** What follows the signature. */
  readonly trailer: (message: Buffer) => Buffer;
}

function ed25519SecurityKey(): SecurityKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const type = 'sk-ssh-ed25519@openssh.com';
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    type,
    body: strings(point, APPLICATION),
    sign: (message) => strings(type, sign(null, authenticated(message), privateKey)),
    trailer: () => FLAGS_AND_COUNTER,
  };
}

function ecdsaSecurityKey(): SecurityKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const type = 'sk-ecdsa-sha2-nistp256@openssh.com';
  return {
    type,
    body: strings('nistp256', pointOf(publicKey), APPLICATION),
    sign: (message) => strings(type, ecdsa(authenticated(message), privateKey)),
    trailer: () => FLAGS_AND_COUNTER,
  };
}

/** A key that a browser signs with: W3C WebAuthn, section 5.8.1 has the client data. */
function browserSecurityKey(): SecurityKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const origin = 'https://example.org';
  const clientData = (message: Buffer): string =>
    JSON.stringify({ type: 'webauthn.get', challenge: message.toString('base64url'), origin, crossOrigin: false });
  const signature = (message: Buffer): Buffer => ecdsa(authenticated(clientData(message)), privateKey);
  return {
    type: 'sk-ecdsa-sha2-nistp256@openssh.com',
    body: strings('nistp256', pointOf(publicKey), APPLICATION),
    sign: (message) => strings('webauthn-sk-ecdsa-sha2-nistp256@openssh.com', signature(message)),
    trailer: (message) => Buffer.concat([FLAGS_AND_COUNTER, strings(origin, clientData(message), '')]),
  };
}

/** What a security key signs. */
function authenticated(message: Buffer | string): Buffer {
  return Buffer.concat([digest(APPLICATION), FLAGS_AND_COUNTER, digest(message)]);
}

function ecdsa(data: Buffer, key: KeyObject): Buffer {
  const numbers = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([numbers.subarray(0, 32), numbers.subarray(32)].map(mpint));
}

function pointOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** RFC 4251, section 5. */
function mpint(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const number = bytes.subarray(start);
  return wire.string(number[0] > 0x7f ? Buffer.concat([Buffer.of(0), number]) : number);
}

const user = bodyOf(bench.sshKey('user', 'ed25519', 256));

/** A certificate as OpenSSH's PROTOCOL.certkeys writes it. */
function certificate(signer: SecurityKey, extensions: readonly string[], trailerOf = signer.trailer): string {
  const type = 'ssh-ed25519-cert-v01@openssh.com';
  const [serial, kind, from, to] = ['0000000000000007', '00000001', '00'.repeat(8), 'ff'.repeat(8)].map((hex) =>
    Buffer.from(hex, 'hex'),
  );
  const signed = Buffer.concat([
    strings(type, Buffer.alloc(32, 7)),
    user,
    serial,
    kind,
    strings('alice@wonderland', strings('alice')),
    from,
    to,
    strings(
      '',
      strings(...extensions.flatMap((name) => [name, ''])),
      '',
      Buffer.concat([strings(signer.type), signer.body]),
    ),
  ]);
  const signature = Buffer.concat([signer.sign(signed), trailerOf(signed)]);
  return `${type} ${Buffer.concat([signed, wire.string(signature)]).toString('base64')} alice`;
}

describe.each([
  ['Ed25519', ed25519SecurityKey()],
  ['ECDSA', ecdsaSecurityKey()],
  ['ECDSA, in a browser', browserSecurityKey()],
])('a certificate that a security key signed with %s', (_, signer) => {
  it('is accepted by ssh-keygen, which checks the signature, and by the nova policy', () => {
    const line = certificate(signer, ['permit-X11-forwarding', 'permit-pty']);
    expect(shown('-L', line)).toContain(`Signing CA: ${signer.type.startsWith('sk-ssh') ? 'ED25519-SK' : 'ECDSA-SK'}`);
    expect(nova.inspect(line).type).toBe(KeypairType.Ssh);
    expect(nova.forGuest(line)).toBe(line);
    expect(() => strict.inspect(line)).toThrow(/OpenSSH certificate, .* send the plain key/);
    const forged = certificate({ ...signer, sign: () => signer.sign(Buffer.from('something else')) }, []);
    expect(shown('-L', forged)).toBeUndefined();
  });

  it('may have its options out of order', () => {
    const line = certificate(signer, ['permit-pty', 'no-touch-required', 'permit-X11-forwarding']);
    expect(shown('-L', line)).toMatch(/permit-pty\s+no-touch-required\s+permit-X11-forwarding/);
    expect(nova.inspect(line).type).toBe(KeypairType.Ssh);
  });

  it.each<[string, (trailer: Buffer) => Buffer]>([
    ['cut in its flags and counter', (trailer) => trailer.subarray(0, 1)],
    ['without flags and counter', () => Buffer.alloc(0)],
    ['with a byte after its end', (trailer) => Buffer.concat([trailer, Buffer.of(0)])],
  ])('is refused by both %s', (__, change) => {
    const line = certificate(signer, ['permit-pty'], (message) => change(signer.trailer(message)));
    expect(shown('-L', line)).toBeUndefined();
    expect(() => nova.inspect(line)).toThrow(/cut|more bytes follow/);
  });
});

describe.each(Object.entries(ELLIPTIC_CURVES))('an ECDSA key on %s', (name, curve) => {
  const half = BigInt(Math.floor(curve.order.toString(2).length / 2));
  const lineFrom = (x: bigint): string => wire.line(`ecdsa-sha2-${name}`, strings(name, pointFrom(curve, x)));

  it.each<[string, bigint]>([
    ['is as small as can be', 1n],
    ['has half the bits of the order', 2n ** half - 2n ** 20n],
    ['is over the order', curve.order + 1n],
  ])('whose x %s is refused by OpenSSH and the strict policy', (_, from) => {
    const line = lineFrom(from);
    expect(shown('-l', line)).toBeUndefined();
    expect(() => strict.inspect(line)).toThrow(/a coordinate that OpenSSH refuses as extreme/);
    expect(nova.inspect(line).type).toBe(KeypairType.Ssh);
  });

  it.each<[string, bigint]>([
    ['has one bit more than half of those of the order', 2n ** half],
    ['is near the order', curve.order - 2n ** 20n],
  ])('whose x %s is accepted by both', (_, from) => {
    const line = lineFrom(from);
    expect(shown('-l', line)).toContain('(ECDSA)');
    expect(strict.inspect(line)).toEqual(nova.inspect(line));
  });
});

/** The first point of the curve whose x is not less. All three primes are 3 modulo 4, so roots are powers. */
function pointFrom({ p, b, bytes }: EllipticCurve, from: bigint): Buffer {
  for (let x = from; ; x++) {
    const square = ((((x * x - 3n) * x + b) % p) + p) % p;
    const y = power(square, (p + 1n) / 4n, p);
    if ((y * y) % p !== square) continue;
    const fit = (n: bigint): Buffer => Buffer.from(n.toString(16).padStart(2 * bytes, '0'), 'hex');
    return Buffer.concat([Buffer.of(4), fit(x), fit(y)]);
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) result = (result * square) % modulus;
  }
  return result;
}
