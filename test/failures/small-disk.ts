import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './cluster.js';

/** A file system of a few megabytes in memory, which can be filled up. Mounting takes root, or sudo. */
export class SmallDisk {
  private constructor(readonly directory: string) {}

  static async mounted(megabytes: number): Promise<SmallDisk> {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-disk-'));
    await asRoot('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', directory]);
    return new SmallDisk(directory);
  }

  /** Uses up all the space. */
  fill(): void {
    const file = openSync(this.filler, 'a');
    const { bavail, bsize } = statfsSync(this.directory);
    try {
      writeSync(file, Buffer.alloc(bavail * bsize, 1));
    } catch (error) {
      // Another process took some of it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Frees the space again. */
  free(): void {
    rmSync(this.filler, { force: true });
  }

  async unmount(): Promise<void> {
    await asRoot('umount', [this.directory]);
    rmdirSync(this.directory);
  }

  private get filler(): string {
    return join(this.directory, 'filler');
  }
}

const asRoot = (program: string, args: readonly string[]): Promise<string> =>
  process.getuid?.() === 0 ? run(program, args) : run('sudo', ['-n', program, ...args]);
