import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { StoredGuest } from '../persistence/repositories/guest.repository.js';
import {
  DRIVE_SOURCES,
  type DriveFile,
  driveFiles,
  type DriveFilesystem,
  type DriveSource,
} from './config-drive-files.js';
import { fatImage } from './fat-image.js';
import { hasXorriso, isoImage } from './iso-image.js';
import { tarOf } from './tar.js';

/** Concurrent xorriso processes, and requests that wait for one of them to end. */
const MAX_BUILDERS = 2;
const MAX_WAITING = 32;

class NoXorriso extends DomainError {
  constructor() {
    super(
      'no-xorriso',
      'Config drives need xorriso on the PATH of the service. ' +
        'Install it (Debian: apt-get install xorriso), or ask with "Accept: application/x-tar" for an archive of the same files.',
    );
  }
}

class DrivesBusy extends DomainError {
  constructor() {
    super('config-drives-busy', 'Too many config drives are being made. Try again in a moment.');
  }
}

/** A drive to download. */
export interface Drive {
  readonly type: string;
  readonly fileName: string;
  readonly content: Buffer;
}

/** Makes config drives, a few at once. */
@Injectable()
export class ConfigDrives {
  private installed: Promise<boolean> | undefined;
  private builders = 0;
  private readonly waiting = new Set<() => void>();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** An image with a file system. Throws as {@link iso} does. */
  async image(
    filesystem: DriveFilesystem,
    guest: StoredGuest,
    source: DriveSource,
    disconnected: AbortSignal,
  ): Promise<Drive> {
    const makers: Readonly<Record<DriveFilesystem, () => Drive | Promise<Drive>>> = {
      iso9660: () => this.iso(guest, source, disconnected),
      vfat: () => this.vfat(guest, source),
    };
    return makers[filesystem]();
  }

  private vfat(guest: StoredGuest, source: DriveSource): Drive {
    const content = fatImage(this.files(guest, source), DRIVE_SOURCES[source].label, secondsOf(guest));
    return { type: 'application/x-raw-disk-image', fileName: `${guest.id}.img`, content };
  }

  /**
   * An image, made whole before the client gets any of it, so that a client that reads slowly keeps no other one waiting. One that
   * waits loses its place when `disconnected` is aborted. Throws a DomainError of kind `not-implemented` without xorriso, and one of
   * kind `unavailable` if too many wait.
   */
  private async iso(guest: StoredGuest, source: DriveSource, disconnected: AbortSignal): Promise<Drive> {
    this.installed ??= hasXorriso();
    if (!(await this.installed)) {
      this.installed = undefined;
      throw new NoXorriso();
    }
    await this.acquireSlot(disconnected);
    try {
      const content = await isoImage(this.files(guest, source), DRIVE_SOURCES[source].label, secondsOf(guest));
      return { type: 'application/x-iso9660-image', fileName: `${guest.id}.iso`, content };
    } finally {
      this.releaseSlot();
    }
  }

  tar(guest: StoredGuest, source: DriveSource): Drive {
    const content = tarOf(this.files(guest, source), secondsOf(guest));
    return { type: 'application/x-tar', fileName: `${guest.id}.tar`, content };
  }

  private files(guest: StoredGuest, source: DriveSource): DriveFile[] {
    return driveFiles(guest, source, this.config.metadataKeys);
  }

  private async acquireSlot(disconnected: AbortSignal): Promise<void> {
    if (this.builders < MAX_BUILDERS) {
      this.builders += 1;
      return;
    }
    if (this.waiting.size >= MAX_WAITING) throw new DrivesBusy();
    await new Promise<void>((resolve, reject) => {
      this.waiting.add(resolve);
      disconnected.addEventListener('abort', () => {
        if (this.waiting.delete(resolve)) reject(new DrivesBusy());
      });
    });
  }

  /** Passes the slot to the request that has waited longest. */
  private releaseSlot(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.builders -= 1;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}

/** The time of the last change of the guest, in seconds since 1970. */
function secondsOf({ createdAt, updatedAt }: StoredGuest): number {
  return Math.floor(Date.parse(`${updatedAt ?? createdAt}Z`) / 1000);
}
