import { readFileSync } from 'node:fs';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { watchForChanges } from '../../../files/watched-file.js';
import type { Directory } from '../directory/directory.js';
import { InvalidIdentityFile, readIdentity } from './identity-file.js';
import { IdentityStore } from './identity-store.js';

/** The identity file in memory, read anew when it changes. */
export class FileStore extends IdentityStore implements OnModuleDestroy {
  private readonly logger = new Logger('Identity');
  private readonly stopWatching: () => void;
  private directory: Directory;

  /** Throws {@link InvalidIdentityFile}, or the error of the file system. */
  constructor(private readonly path: string) {
    super();
    this.directory = readIdentity(readFileSync(path, 'utf8'));
    this.stopWatching = watchForChanges(path, () => this.reload());
  }

  override current(): Directory {
    return this.directory;
  }

  onModuleDestroy(): void {
    this.stopWatching();
  }

  /** A file that cannot be read changes nothing: the users of the last valid one can still log in. */
  private reload(): void {
    try {
      this.directory = readIdentity(readFileSync(this.path, 'utf8'));
    } catch (error) {
      const why = error instanceof InvalidIdentityFile ? error.message : (error as NodeJS.ErrnoException).code;
      this.logger.error(`The identity file has changed and cannot be read; the users stay as they were: ${why}`);
      return;
    }
    this.changed();
  }
}
