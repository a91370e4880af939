import { createReadStream } from 'node:fs';
import type { FileLine } from './audit-chain.js';

/** The lines of a file, one after the other. Throws the error of the file system. */
export async function* readFileLines(file: string): AsyncGenerator<FileLine> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, part]);
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      line += 1;
      yield { file, line, bytes: rest.subarray(start, end), isTorn: false };
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
  if (rest.length > 0) yield { file, line: line + 1, bytes: rest, isTorn: true };
}
