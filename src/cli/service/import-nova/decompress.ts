import { pipeline, Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import xzDecompress from 'xz-decompress';

type Bytes = AsyncIterable<Uint8Array>;

/** Compressions by the first bytes of a file. */
const COMPRESSIONS: readonly (readonly [string, (bytes: Bytes) => Bytes])[] = [
  // Reading the last stream throws the errors of all.
  ['1f8b', (bytes) => pipeline(Readable.from(bytes), createGunzip(), () => undefined)],
  ['fd377a585a00', (bytes) => new xzDecompress.XzReadableStream(ReadableStream.from(bytes))],
  ['28b52ffd', unzstd],
];

/** Decompresses gzip, xz and zstd; other bytes pass. */
export async function* decompress(bytes: Bytes): Bytes & AsyncGenerator<Uint8Array> {
  const chunks = bytes[Symbol.asyncIterator]();
  const { value: first = new Uint8Array() } = await chunks.next();
  const whole = joined(first, { [Symbol.asyncIterator]: () => chunks });
  const start = Buffer.from(first.subarray(0, 6)).toString('hex');
  const [, through] = COMPRESSIONS.find(([magic]) => start.startsWith(magic)) ?? [];
  yield* through ? through(whole) : whole;
}

async function* joined(first: Uint8Array, rest: Bytes): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function* unzstd(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const output: Uint8Array[] = [];
  const decompressor = new Decompress((data) => void output.push(data));
  for await (const chunk of bytes) {
    decompressor.push(chunk);
    yield* output.splice(0);
  }
  decompressor.push(new Uint8Array(), true);
  yield* output.splice(0);
}
