const BLOCK = 512;

/** The content of a file in a tar archive (POSIX ustar), by its path; undefined where it is not there. */
export function fileInTar(archive: Buffer, path: string): Buffer | undefined {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const name = textAt(archive, at, 100);
    const size = Number.parseInt(textAt(archive, at + 124, 12), 8) || 0;
    if (name === '') return undefined;
    if (name.replace(/^\.?\//, '') === path) return archive.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function textAt(archive: Buffer, at: number, length: number): string {
  return archive.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}
