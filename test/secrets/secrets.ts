import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Characters of base64 at either end that depend on what surrounds the secret. */
const EDGE = 3;

/** Secrets by description, and the search for them in any text. */
export class Secrets {
  private readonly needles = new Map<string, readonly Buffer[]>();

  /** A new secret: letters and digits, which no escaping of URLs, JSON or HTML changes. */
  make(what: string): string {
    const secret = `Zq${randomBytes(12).toString('hex')}`;
    this.add(what, secret);
    return secret;
  }

  /** Registers a secret. */
  add(what: string, secret: string | Buffer): void {
    this.needles.set(`${what} ${this.needles.size}`, encodings(Buffer.from(secret)));
  }

  /** Registers a private key in PEM: each of its lines, and the bytes that they encode. PKCS#12 in base64 is one line. */
  addPrivateKey(what: string, text: string): void {
    const lines = text.split('\n').filter((line) => line.length > 40 && !line.startsWith('-----'));
    if (lines.length === 0) throw new Error(`${what} is no private key`);
    // The beginning encodes the kind and length, and may be public.
    const bytes = Buffer.from(lines.join(''), 'base64');
    this.add(what, bytes.subarray(Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 30));
    for (const line of lines.slice(Math.floor(lines.length / 2))) this.add(what, line.slice(0, 60));
  }

  /** The descriptions of the secrets in a text, each once. */
  in(written: string | Buffer): string[] {
    const bytes = Buffer.from(written);
    return [...this.needles]
      .filter(([, needles]) => needles.some((each) => bytes.includes(each)))
      .map(([what]) => what);
  }

  /** The same for each of several places. */
  inEach<Place extends string>(places: Readonly<Record<Place, string | Buffer>>): Record<Place, string[]> {
    const found = Object.entries<string | Buffer>(places).map(([place, written]) => [place, this.in(written)]);
    return Object.fromEntries(found) as Record<Place, string[]>;
  }

  /** The same for the files under a directory: `file: description`. Files whose path matches `except` are skipped. */
  inFiles(directory: string, except?: RegExp): string[] {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => !except?.test(name) && statSync(join(directory, name)).isFile())
      .flatMap((name) => this.in(readFileSync(join(directory, name))).map((what) => `${name}: ${what}`));
  }
}

/** The secret itself, in hexadecimal digits, and in base64 at any offset. */
function encodings(secret: Buffer): Buffer[] {
  const shifted = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), secret]).toString('base64'));
  const inner = shifted.map((text) => text.replace(/=+$/, '').slice(EDGE + 1, -EDGE));
  const hex = secret.toString('hex');
  const texts = [
    hex,
    hex.toUpperCase(),
    ...inner,
    ...inner.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [secret, ...texts.map((each) => Buffer.from(each))];
}
