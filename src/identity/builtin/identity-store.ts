import { readFileSync } from 'node:fs';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import { watchForChanges } from '../../files/watched-file.js';
import type { Directory } from './directory.js';
import { InvalidIdentityFile, readIdentity } from './identity-file.js';

/** The identity file in memory, read anew when it changes. */
export class IdentityStore implements OnModuleDestroy {
  private readonly logger = new Logger('Identity');
  private readonly stopWatching: () => void;
  private readonly listeners: (() => void)[] = [];
  private directory: Directory;

  /** Throws {@link InvalidIdentityFile}, or the error of the file system. */
  constructor(private readonly path: string) {
    this.directory = readIdentity(readFileSync(path, 'utf8'));
    this.stopWatching = watchForChanges(path, () => this.reload());
  }

  /** The current users and projects. */
  current(): Directory {
    return this.directory;
  }

  /** Calls the listener after the users and projects have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
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
    for (const listener of this.listeners) listener();
  }
}
