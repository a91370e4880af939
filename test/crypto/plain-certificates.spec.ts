import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isOneDerValue } from '../../src/crypto/asn1/der-check.js';
import { DerValue } from '../../src/crypto/asn1/der-value.js';
import { readPem, writePem } from '../../src/crypto/asn1/pem.js';
import { readPlainCertificate } from '../../src/crypto/x509/plain-certificate.js';
import { flawOfRsa, type RsaNumbers } from '../../src/crypto/rsa/rsa-weakness.js';
import { Bench } from './tools.js';

const bench = new Bench();
afterAll(() => bench.clear());

const derOf = (pem: string): Buffer => readPem(pem)!.blocks[0].bytes!;
const made = (name: string, key: string, ...more: string[]): Buffer => derOf(bench.certificate(name, key, ...more));

const NAME = '/C=DE/O=Latchkey & Co./CN=alice/emailAddress=alice@example.org';
const plain: [what: string, der: Buffer][] = [
  ['of openssl', made('plain.pem', 'rsa:2048')],
  ['of 4096 bits', made('large.pem', 'rsa:4096')],
  ['with SHA-512', made('sha512.pem', 'rsa:2048', '-sha512')],
  ['with a long name', made('name.pem', 'rsa:2048', '-subj', NAME)],
  ['beyond 2050', made('late.pem', 'rsa:2048', '-days', '20000')],
  [
    'for WinRM',
    made(
      'winrm.pem',
      'rsa:2048',
      '-addext',
      'extendedKeyUsage=critical,clientAuth',
      '-addext',
      'subjectAltName=otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@localhost',
    ),
  ],
];

/** As OpenSSL reads it; throws where it reads nothing. */
function loaded(der: Buffer): X509Certificate {
  const certificate = new X509Certificate(writePem('CERTIFICATE', der));
  expect(certificate.raw.equals(der)).toBe(true);
  return certificate;
}

const datesOf = ({ validFrom, validTo }: X509Certificate): object => ({
  validFrom: Date.parse(validFrom),
  validTo: Date.parse(validTo),
});

function keyOf({ publicKey }: X509Certificate): RsaNumbers {
  const { n, e } = publicKey.export({ format: 'jwk' });
  const [modulus, exponent] = [n, e].map((each) => BigInt(`0x${Buffer.from(each!, 'base64url').toString('hex')}`));
  return { modulus, exponent };
}

/** Whether it is read, and if so, that OpenSSL reads the same. */
function isReadAsByOpenssl(der: Buffer): boolean {
  const found = isOneDerValue(der) ? readPlainCertificate(der) : undefined;
  if (found === undefined) return false;
  const { key, ...dates } = found;
  const witness = loaded(der);
  expect(dates).toEqual(datesOf(witness));
  // Numbers that are no key OpenSSL does not show.
  expect(key).toEqual(flawOfRsa(key) === undefined ? keyOf(witness) : key);
  return true;
}

describe('a plain certificate', () => {
  it.each(plain)('%s is read as OpenSSL reads it', (_, der) => {
    const witness = loaded(der);
    expect(readPlainCertificate(der)).toEqual({ key: keyOf(witness), ...datesOf(witness) });
  });

  it.each([
    ['of another kind of key', made('ec.pem', 'ec ec_paramgen_curve:P-256')],
    ['with a name beyond ASCII', made('utf8.pem', 'rsa:2048', '-utf8', '-subj', '/CN=Łukasz')],
    ['signed with RSA-PSS', made('pss.pem', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss')],
    ['signed with SHA-1', made('sha1.pem', 'rsa:2048', '-sha1')],
  ])('is not one %s, which OpenSSL shall read', (_, der) => {
    expect(readPlainCertificate(der)).toBeUndefined();
    expect(loaded(der)).toBeInstanceOf(X509Certificate);
  });
});

describe('a certificate that was changed is read as OpenSSL reads it, or not at all,', () => {
  const [[, der]] = plain;

  it('with any byte of another value', () => {
    let read = 0;
    for (let at = 0; at < der.length; at += 1) {
      for (const change of [0x01, 0x20, 0x80, 0xff]) {
        const changed = Buffer.from(der);
        changed[at] ^= change;
        if (isReadAsByOpenssl(changed)) read += 1;
      }
    }
    // Serial number, names, key, extensions and signature may have many values, and all else just one.
    expect(read).toBeGreaterThan(der.length);
  });

  it('with any value in it dropped, doubled, exchanged or filled anew', () => {
    let read = 0;
    const change = fc.record({
      at: fc.nat(),
      other: fc.nat(),
      how: fc.constantFrom(...Object.values(CHANGES)),
      bytes: fc.uint8Array({ maxLength: 24 }),
    });
    fc.assert(
      fc.property(fc.nat(plain.length - 1), fc.array(change, { minLength: 1, maxLength: 3 }), (which, changes) => {
        const root = treeOf(plain[which][1]);
        for (const { at, other, how, bytes } of changes) {
          const nodes = nodesOf(root);
          how(nodes[at % nodes.length], nodes[other % nodes.length], Buffer.from(bytes));
        }
        if (isReadAsByOpenssl(written(root))) read += 1;
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});

/** A value as it can be changed: of constructed ones the parts, of others the bytes. */
interface Node {
  tag: number;
  bytes: Buffer;
  parts: Node[] | undefined;
}

const CHANGES = {
  drop: (node: Node) => void node.parts?.pop(),
  dropFirst: (node: Node) => void node.parts?.shift(),
  double: (node: Node) => void node.parts?.push(...node.parts),
  exchange: (node: Node, other: Node) => void Object.assign(node, structuredCopy(other)),
  retag: (node: Node, other: Node) => void Object.assign(node, { tag: other.tag }),
  refill: (node: Node, _: Node, bytes: Buffer) => void Object.assign(node, { bytes, parts: undefined }),
  prepend: (node: Node, _: Node, bytes: Buffer) =>
    void Object.assign(node, { bytes: Buffer.concat([bytes, node.bytes]) }),
  append: (node: Node, _: Node, bytes: Buffer) =>
    void Object.assign(node, { bytes: Buffer.concat([node.bytes, bytes]) }),
};

const structuredCopy = ({ tag, bytes, parts }: Node): Node => ({ tag, bytes, parts: parts?.map(structuredCopy) });

/** The bits of a key are a value too: behind the byte that counts the bits left over. */
function treeOf(der: Buffer): Node {
  const value = new DerValue(der);
  const { tag, inside: bytes } = value;
  if ((tag & 0x20) !== 0) return { tag, bytes, parts: value.parts.map(({ whole }) => treeOf(whole)) };
  const isKey = tag === 0x03 && isOneDerValue(bytes.subarray(1));
  return { tag, bytes, parts: isKey ? [treeOf(bytes.subarray(1))] : undefined };
}

const nodesOf = (node: Node): Node[] => [node, ...(node.parts ?? []).flatMap(nodesOf)];

function written({ tag, bytes, parts }: Node): Buffer {
  const isBits = tag === 0x03;
  const content = parts ? Buffer.concat([Buffer.alloc(isBits ? 1 : 0), ...parts.map(written)]) : bytes;
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  const shortest = content.length >= 0x80 && content.length < 0x100 ? [0x81, content.length] : length;
  return Buffer.concat([Buffer.of(tag, ...shortest), content]);
}
