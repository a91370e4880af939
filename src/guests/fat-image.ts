import type { DriveFile } from './config-drive-files.js';

/**
 * A FAT16 file system with long names, for a disk without partitions (Microsoft, "FAT: General Overview of On-Disk Format", 1.03).
 * Its clusters are as small as their number allows.
 */

const SECTOR = 512;
const RESERVED_SECTORS = 1;
const FATS = 2;
const ROOT_ENTRIES = 512;
const ENTRY = 32;

/** Fewer than 4085 would make it FAT12, and more than 65524 FAT32; both limits are kept at a distance, since not all readers count alike. */
const MIN_CLUSTERS = 4200;
const MAX_CLUSTERS = 65_000;

const MEDIA = 0xf8;
const END_OF_CHAIN = 0xffff;
const READ_ONLY = 0x01;
const VOLUME_LABEL = 0x08;
const DIRECTORY = 0x10;
/** Of an entry that holds a part of a long name. */
const LONG_NAME = 0x0f;
const LAST_LONG_ENTRY = 0x40;
const CHARACTERS_PER_ENTRY = 13;
/** Where an entry has the characters of a long name. */
const CHARACTERS_AT = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

/**
 * An image of files. Labels have up to eleven characters; lower-case ones are found by every agent. The same files and time give the
 * same bytes. `seconds` is the time of everything in it, since 1970.
 */
export function fatImage(files: readonly DriveFile[], label: string, seconds: number): Buffer {
  const root = treeOf(files);
  for (let sectorsPerCluster = 1; ; sectorsPerCluster *= 2) {
    const clusters = new Clusters(sectorsPerCluster * SECTOR);
    const rootEntries = fillDirectory(root, 0, clusters, seconds, [entry(label, VOLUME_LABEL, 0, 0, seconds)]);
    if (clusters.count > MAX_CLUSTERS) continue;
    return imageOf(clusters, rootEntries, sectorsPerCluster, label, seconds);
  }
}

/** A directory has a map, and a file its content. */
type Tree = Map<string, Tree | Buffer>;

function treeOf(files: readonly DriveFile[]): Tree {
  const root: Tree = new Map();
  for (const { path, content } of files) {
    const folders = path.split('/');
    const name = folders.pop()!;
    let folder = root;
    for (const each of folders) {
      const next = (folder.get(each) as Tree | undefined) ?? new Map<string, Tree | Buffer>();
      folder.set(each, next);
      folder = next;
    }
    folder.set(name, content);
  }
  return root;
}

/** The allocated clusters and the table of their chains. */
class Clusters {
  readonly table: number[] = [0xff00 + MEDIA, END_OF_CHAIN];
  readonly content: Buffer[] = [];

  constructor(private readonly clusterBytes: number) {}

  get count(): number {
    return this.table.length - 2;
  }

  /** The number of the first cluster of a new chain, and its bytes to be filled; 0 if there are none. */
  allocate(size: number): { first: number; bytes: Buffer } {
    const count = Math.ceil(size / this.clusterBytes);
    const bytes = Buffer.alloc(count * this.clusterBytes);
    if (count === 0) return { first: 0, bytes };
    const first = this.table.length;
    for (let next = 1; next < count; next += 1) this.table.push(first + next);
    this.table.push(END_OF_CHAIN);
    this.content.push(bytes);
    return { first, bytes };
  }
}

/** The entries of a directory after its `own` ones; `at` is its first cluster, which is 0 for the root. */
function fillDirectory(tree: Tree, at: number, clusters: Clusters, seconds: number, own: readonly Buffer[]): Buffer {
  const entries = [...tree].flatMap(([name, each], index) => {
    // Readers that know long names show no short one, so it only has to be unique.
    const short = `FILE${String(index).padStart(4, '0')}   `;
    const isFile = Buffer.isBuffer(each);
    const first = isFile ? storeFile(each, clusters) : storeDirectory(each, at, clusters, seconds);
    const attributes = isFile ? READ_ONLY : DIRECTORY;
    return [...longNameEntries(name, short), entry(short, attributes, first, isFile ? each.length : 0, seconds)];
  });
  return Buffer.concat([...own, ...entries]);
}

function storeFile(content: Buffer, clusters: Clusters): number {
  const { first, bytes } = clusters.allocate(content.length);
  content.copy(bytes);
  return first;
}

function storeDirectory(tree: Tree, parent: number, clusters: Clusters, seconds: number): number {
  const entries = [...tree.keys()].reduce((sum, name) => sum + 1 + Math.ceil(name.length / CHARACTERS_PER_ENTRY), 2);
  const { first, bytes } = clusters.allocate(entries * ENTRY);
  const own = [entry('.', DIRECTORY, first, 0, seconds), entry('..', DIRECTORY, parent, 0, seconds)];
  fillDirectory(tree, first, clusters, seconds, own).copy(bytes);
  return first;
}

function entry(name: string, attributes: number, first: number, size: number, seconds: number): Buffer {
  const bytes = Buffer.alloc(ENTRY);
  bytes.write(name.padEnd(11), 0, 11, 'latin1');
  bytes[11] = attributes;
  const { day, time } = dosTime(seconds);
  bytes.writeUInt16LE(time, 14); // created
  bytes.writeUInt16LE(day, 16);
  bytes.writeUInt16LE(day, 18); // read
  bytes.writeUInt16LE(time, 22); // written
  bytes.writeUInt16LE(day, 24);
  bytes.writeUInt16LE(first, 26);
  bytes.writeUInt32LE(size, 28);
  return bytes;
}

/** The parts of a long name, the last one first. */
function longNameEntries(name: string, short: string): Buffer[] {
  const checksum = Buffer.from(short).reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
  const count = Math.ceil(name.length / CHARACTERS_PER_ENTRY);
  return Array.from({ length: count }, (_, index) => {
    const order = count - index;
    const bytes = Buffer.alloc(ENTRY);
    bytes[0] = index === 0 ? order | LAST_LONG_ENTRY : order;
    bytes[11] = LONG_NAME;
    bytes[13] = checksum;
    for (const [place, at] of CHARACTERS_AT.entries()) {
      const character = (order - 1) * CHARACTERS_PER_ENTRY + place;
      // A NUL ends the name, and ones fill the rest.
      bytes.writeUInt16LE(character > name.length ? 0xffff : name.charCodeAt(character) || 0, at);
    }
    return bytes;
  });
}

function imageOf(clusters: Clusters, root: Buffer, sectorsPerCluster: number, label: string, seconds: number): Buffer {
  const count = Math.max(MIN_CLUSTERS, clusters.count);
  const fatSectors = Math.ceil(((count + 2) * 2) / SECTOR);
  const rootSectors = (ROOT_ENTRIES * ENTRY) / SECTOR;
  const dataAt = RESERVED_SECTORS + FATS * fatSectors + rootSectors;
  const sectors = dataAt + count * sectorsPerCluster;
  const image = Buffer.alloc(sectors * SECTOR);
  writeBootSector(image, { sectors, sectorsPerCluster, fatSectors, label, id: seconds });
  for (let fat = 0; fat < FATS; fat += 1) {
    const at = (RESERVED_SECTORS + fat * fatSectors) * SECTOR;
    for (const [cluster, next] of clusters.table.entries()) image.writeUInt16LE(next, at + 2 * cluster);
  }
  root.copy(image, (dataAt - rootSectors) * SECTOR);
  Buffer.concat(clusters.content).copy(image, dataAt * SECTOR);
  return image;
}

interface Geometry {
  readonly sectors: number;
  readonly sectorsPerCluster: number;
  readonly fatSectors: number;
  readonly label: string;
  readonly id: number;
}

function writeBootSector(image: Buffer, { sectors, sectorsPerCluster, fatSectors, label, id }: Geometry): void {
  image.set([0xeb, 0x3c, 0x90]); // a jump that nothing takes
  image.write('MSWIN4.1', 3, 'latin1');
  image.writeUInt16LE(SECTOR, 11);
  image[13] = sectorsPerCluster;
  image.writeUInt16LE(RESERVED_SECTORS, 14);
  image[16] = FATS;
  image.writeUInt16LE(ROOT_ENTRIES, 17);
  if (sectors < 0x1_0000) image.writeUInt16LE(sectors, 19);
  else image.writeUInt32LE(sectors, 32);
  image[21] = MEDIA;
  image.writeUInt16LE(fatSectors, 22);
  image.writeUInt16LE(32, 24); // sectors of a track
  image.writeUInt16LE(64, 26); // heads
  image[36] = 0x80; // a hard disk
  image[38] = 0x29; // the next three fields are there
  image.writeUInt32LE(id % 0x1_0000_0000, 39);
  image.write(label.padEnd(11), 43, 'latin1');
  image.write('FAT16   ', 54, 'latin1');
  image.writeUInt16LE(0xaa55, 510);
}

/** A time in UTC as FAT has it, which begins in 1980 and has every other second. */
function dosTime(seconds: number): { day: number; time: number } {
  const date = new Date(seconds * 1000);
  const year = Math.max(date.getUTCFullYear() - 1980, 0);
  return {
    day: (year << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate(),
    time: (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1),
  };
}
