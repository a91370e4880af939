import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { DriveFile } from './config-drive-files.js';

/** xorriso needs a tenth of a second; the rest is for the client that reads the image. */
const TIMEOUT_MS = 60_000;

/** Whether xorriso is on the PATH and runs. */
export async function hasXorriso(): Promise<boolean> {
  try {
    await promisify(execFile)('xorriso', ['-version'], { timeout: TIMEOUT_MS, env: { PATH: process.env.PATH } });
    return true;
  } catch {
    return false;
  }
}

/**
 * The bytes of an ISO 9660 image with Joliet and Rock Ridge names, as xorriso writes them. The same files
 * and time give the same bytes. `seconds` is the time of everything in it, since 1970. xorriso ends when the reader stops.
 */
export async function* isoImage(
  files: readonly DriveFile[],
  label: string,
  seconds: number,
): AsyncGenerator<Buffer, void> {
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
    const child = spawn('xorriso', options, {
      // Not the environment of the service, which holds secrets.
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', SOURCE_DATE_EPOCH: String(seconds) },
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const exited = new Promise<number | null>((resolve) => {
      child.on('error', () => resolve(null)).on('exit', resolve);
    });
    try {
      yield* child.stdout as AsyncIterable<Buffer>;
      // An error aborts the response, so that no client takes half an image for a whole one.
      if ((await exited) !== 0) throw new Error('xorriso did not finish the image.');
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
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
