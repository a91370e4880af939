import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The private key of a pair that ssh-keygen makes, in its own format. It leaves no file in the directory. */
export function privateKeyOfSsh(directory: string): string {
  const file = join(directory, 'pasted');
  execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-C', '', '-f', file]);
  const text = readFileSync(file, 'utf8');
  for (const each of [file, `${file}.pub`]) rmSync(each);
  return text;
}
