import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { DriveFile } from './config-drive-files.js';
import { setTimes } from './iso-times.js';

const run = promisify(execFile);

/** A program that makes images, and what makes it take mkisofs's arguments. */
export interface IsoTool {
  readonly program: string;
  readonly first: readonly string[];
}

const TOOLS: readonly IsoTool[] = [
  { program: 'xorriso', first: ['-as', 'mkisofs'] },
  { program: 'genisoimage', first: [] },
  { program: 'mkisofs', first: [] },
];

/** Milliseconds for an image, which takes a tenth of a second. */
const TIMEOUT = 30_000;

/** The first of the programs that is on the PATH; undefined where none is. */
export async function findIsoTool(): Promise<IsoTool | undefined> {
  for (const tool of TOOLS) {
    try {
      await run(tool.program, [...tool.first, '-version'], { timeout: TIMEOUT, env: { PATH: process.env.PATH } });
      return tool;
    } catch {
      // Not there, or broken: the next one may be better.
    }
  }
  return undefined;
}

/**
 * An ISO 9660 image with Joliet and Rock Ridge names, labelled `config-2`. The same files and time give the same bytes.
 * `seconds` is the time of everything in it, since 1970.
 */
export async function isoImage(tool: IsoTool, files: readonly DriveFile[], seconds: number): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-drive-'));
  try {
    const tree = join(directory, 'tree');
    const image = join(directory, 'image.iso');
    await writeTree(tree, files, seconds);
    const options = ['-quiet', '-l', '-J', '-r', '-V', 'config-2', '-o', image, tree];
    // Nothing of ours: the environment of the service holds secrets.
    const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', SOURCE_DATE_EPOCH: String(seconds) };
    await run(tool.program, [...tool.first, ...options], { timeout: TIMEOUT, env: environment });
    const bytes = await readFile(image);
    setTimes(bytes, seconds);
    return bytes;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeTree(tree: string, files: readonly DriveFile[], seconds: number): Promise<void> {
  const directories = new Set<string>([tree]);
  for (const { path, content } of files) {
    const file = join(tree, path);
    for (let above = dirname(file); above !== tree; above = dirname(above)) directories.add(above);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode: 0o600 });
    await utimes(file, seconds, seconds);
  }
  // Directories last, since a new entry changes their time.
  for (const directory of directories) await utimes(directory, seconds, seconds);
}
