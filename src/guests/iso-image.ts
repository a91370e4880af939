import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { DriveFile } from './config-drive-files.js';

const run = promisify(execFile);
/** xorriso needs a tenth of a second; the rest is for a busy machine. */
const TIMEOUT_MS = 60_000;

/** Whether xorriso is on the PATH and runs. */
export async function hasXorriso(): Promise<boolean> {
  try {
    await run('xorriso', ['-version'], { timeout: TIMEOUT_MS, env: { PATH: process.env.PATH } });
    return true;
  } catch {
    return false;
  }
}

/**
 * An ISO 9660 image with Joliet and Rock Ridge names, as xorriso writes it. The same files and time give the same bytes.
 * `seconds` is the time of everything in it, since 1970. Throws if xorriso fails.
 */
export async function isoImage(files: readonly DriveFile[], label: string, seconds: number): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-drive-'));
  try {
    await writeTree(directory, files);
    const time = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 16);
    const options = [
      '-as',
      'mkisofs',
      '-quiet',
      '--set_all_file_dates',
      time,
      '-l',
      '-J',
      '-r',
      '-V',
      label,
      '-o',
      '-',
      directory,
    ];
    const { stdout } = await run('xorriso', options, {
      // Not the environment of the service, which holds secrets.
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', SOURCE_DATE_EPOCH: String(seconds) },
      encoding: 'buffer',
      maxBuffer: Infinity,
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    return stdout;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeTree(tree: string, files: readonly DriveFile[]): Promise<void> {
  for (const { path, content } of files) {
    const file = join(tree, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
  }
}
