import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { StoredGuest } from '../persistence/guest.repository.js';
import { configDriveFiles } from './config-drive-files.js';
import { findIsoTool, isoImage, type IsoTool } from './iso-image.js';
import { tarOf } from './tar.js';

/** An image is asked for where no program makes one. */
class NoIsoTool extends DomainError {
  constructor() {
    super(
      'not-implemented',
      'Config drives need xorriso, genisoimage or mkisofs on the PATH of the service, and none is there. ' +
        'Install one (Debian: apt-get install xorriso), or ask with "Accept: application/x-tar" for an archive of the same files.',
    );
  }
}

/** A drive to download. */
export interface Drive {
  readonly type: string;
  readonly fileName: string;
  readonly content: Buffer;
}

/** Makes config drives. */
@Injectable()
export class ConfigDrives {
  private tool: IsoTool | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** Throws a DomainError of kind `not-implemented` where the machine has no program to make one. */
  async image(guest: StoredGuest): Promise<Drive> {
    this.tool ??= await findIsoTool();
    if (!this.tool) throw new NoIsoTool();
    const content = await isoImage(this.tool, configDriveFiles(guest, this.config.metadataKeys), secondsOf(guest));
    return { type: 'application/x-iso9660-image', fileName: `${guest.id}.iso`, content };
  }

  tar(guest: StoredGuest): Drive {
    const content = tarOf(configDriveFiles(guest, this.config.metadataKeys), secondsOf(guest));
    return { type: 'application/x-tar', fileName: `${guest.id}.tar`, content };
  }
}

/** When the guest became what it is, in seconds since 1970. */
function secondsOf({ createdAt, updatedAt }: StoredGuest): number {
  return Math.floor(Date.parse(`${updatedAt ?? createdAt}Z`) / 1000);
}
