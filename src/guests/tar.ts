import type { DriveFile } from './config-drive-files.js';

const BLOCK = 512;
const CHECKSUM = { at: 148, length: 8 };

/** A tar archive (POSIX.1-1988 ustar) of files that only root reads. `seconds` is the time of all of them, since 1970. */
export function tarOf(files: readonly DriveFile[], seconds: number): Buffer {
  const parts = files.flatMap(({ path, content }) => [
    header(path, content.length, seconds),
    content,
    Buffer.alloc(padding(content.length)),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

function header(path: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108); // owner
  block.write(octal(0, 8), 116); // group
  block.write(octal(size, 12), 124);
  block.write(octal(seconds, 12), 136);
  block.write('0', 156); // a regular file
  block.write('ustar\x0000', 257);
  // The checksum is made as if there were spaces in its place.
  block.fill(' ', CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, CHECKSUM.at);
  return block;
}

/** Octal digits that fill a field but for the NUL at its end. */
function octal(value: number, field: number): string {
  return `${value.toString(8).padStart(field - 1, '0')}\0`;
}
