import type { StoredGuest } from '../persistence/repositories/guest.repository.js';
import { ec2History } from '../metadata/formats/ec2.history.js';
import { ec2MetaData, ec2Object } from '../metadata/formats/ec2.view.js';
import { openStackHistory } from '../metadata/formats/metadata.history.js';
import { noCloudFile, NOCLOUD_FILES } from '../metadata/formats/nocloud.view.js';
import { type KeysForm, openStackFile, openStackFiles } from '../metadata/formats/openstack.view.js';

/** A file on a drive; its path is relative, with slashes. */
export interface DriveFile {
  readonly path: string;
  readonly content: Buffer;
}

/** Nova omits the older ones as well (config_drive_skip_versions). */
const EC2_VERSIONS = ['2009-04-04', 'latest'];

/** What agents look for: a label, and the files of the metadata service without the password. */
interface DriveLayout {
  readonly label: string;
  readonly files: (guest: StoredGuest, form: KeysForm) => DriveFile[];
}

/** The data sources of agents that read drives. */
export const DRIVE_SOURCES = {
  openstack: { label: 'config-2', files: (guest, form) => [...ec2Files(guest), ...openStackTree(guest, form)] },
  nocloud: { label: 'cidata', files: noCloudTree },
} as const satisfies Record<string, DriveLayout>;

export type DriveSource = keyof typeof DRIVE_SOURCES;

/** The file systems of images. */
export const DRIVE_FILESYSTEMS = ['iso9660', 'vfat'] as const;

export type DriveFilesystem = (typeof DRIVE_FILESYSTEMS)[number];

/** All files of a guest's drive, sorted by path. */
export function driveFiles(guest: StoredGuest, source: DriveSource, form: KeysForm): DriveFile[] {
  return DRIVE_SOURCES[source].files(guest, form).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function noCloudTree(guest: StoredGuest): DriveFile[] {
  return NOCLOUD_FILES.flatMap((path) => {
    const content = noCloudFile(guest, path);
    return content === undefined ? [] : [{ path, content }];
  });
}

function ec2Files(guest: StoredGuest): DriveFile[] {
  const { userData } = guest;
  return EC2_VERSIONS.flatMap((version) => {
    const metaData = JSON.stringify(ec2Object(ec2MetaData(guest, ec2History.at(version)!)));
    const files = [{ path: `ec2/${version}/meta-data.json`, content: Buffer.from(metaData) }];
    if (userData !== null) files.push({ path: `ec2/${version}/user-data`, content: Buffer.from(userData, 'base64') });
    return files;
  });
}

function openStackTree(guest: StoredGuest, form: KeysForm): DriveFile[] {
  return openStackHistory.versions().flatMap((version) => {
    const api = openStackHistory.at(version)!;
    return openStackFiles(guest, api, { keys: form }).map((name) => ({
      path: `openstack/${version}/${name}`,
      content: Buffer.from(openStackFile(guest, name, api, { keys: form })!.content),
    }));
  });
}
