/**
 * The times in an ISO 9660 image (ECMA-119, and IEEE P1282 for Rock Ridge). genisoimage takes those of the image itself from
 * the clock, and those of last access and change from the temporary files it read.
 */

const SECTOR = 2048;
const FIRST_DESCRIPTOR = 16 * SECTOR;
const PRIMARY = 1;
const SUPPLEMENTARY = 2;
/** ECMA-119, 8.4.26 to 8.4.29: times of creation, change and effect, in 17 bytes each. That of expiry stays unset. */
const DESCRIPTOR_TIMES = [813, 830, 864];
/** ECMA-119, 8.4.13 and 8.4.14. */
const PATH_TABLE = { size: 132, sector: 140 };
/** Bytes of a time in a Rock Ridge TF entry, and where the first one is. */
const SHORT_TIME = 7;
const FIRST_TIME = 5;

/** Sets every time in an image, in place; `seconds` since 1970. */
export function setTimes(image: Buffer, seconds: number): void {
  const date = new Date(seconds * 1000);
  const digits = date.toISOString().replace(/\D/g, '').slice(0, 16);
  for (let at = FIRST_DESCRIPTOR; image[at] === PRIMARY || image[at] === SUPPLEMENTARY; at += SECTOR) {
    for (const time of DESCRIPTOR_TIMES) {
      image.write(digits, at + time, 'latin1');
      image[at + time + digits.length] = 0; // UTC
    }
  }
  const time = shortTime(date);
  for (const sector of directories(image)) setFileTimes(image, sector * SECTOR, time);
}

/** ECMA-119, 9.1.5. */
function shortTime(date: Date): Buffer {
  return Buffer.from([
    date.getUTCFullYear() - 1900,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    0, // UTC
  ]);
}

/** The sectors at which the directories of the primary tree, which is the one with Rock Ridge, begin. */
function directories(image: Buffer): number[] {
  const sectors: number[] = [];
  let at = image.readUInt32LE(FIRST_DESCRIPTOR + PATH_TABLE.sector) * SECTOR;
  const end = at + image.readUInt32LE(FIRST_DESCRIPTOR + PATH_TABLE.size);
  while (at < end) {
    sectors.push(image.readUInt32LE(at + 2));
    const nameLength = image[at];
    at += 8 + nameLength + (nameLength % 2);
  }
  return sectors;
}

function setFileTimes(image: Buffer, directory: number, time: Buffer): void {
  const end = directory + image.readUInt32LE(directory + 10);
  for (let record = directory; record < end;) {
    const length = image[record];
    if (length === 0) {
      // A record does not cross a sector: the next one is at the beginning of the next.
      record = (Math.floor(record / SECTOR) + 1) * SECTOR;
      continue;
    }
    const nameLength = image[record + 32];
    time.copy(image, record + 18);
    setRockRidgeTimes(image, record + 33 + nameLength + ((nameLength + 1) % 2), record + length, time);
    record += length;
  }
}

function setRockRidgeTimes(image: Buffer, start: number, end: number, time: Buffer): void {
  for (let entry = start; entry + 4 <= end && image[entry + 2] > 0; entry += image[entry + 2]) {
    if (image.toString('latin1', entry, entry + 2) !== 'TF') continue;
    const last = entry + image[entry + 2];
    for (let at = entry + FIRST_TIME; at + SHORT_TIME <= last; at += SHORT_TIME) time.copy(image, at);
  }
}
