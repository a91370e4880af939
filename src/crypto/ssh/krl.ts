import { string, uint32, uint64 } from './ssh-wire-writer.js';

/** "SSHKRL\n" and a zero byte: OpenSSH's PROTOCOL.krl. */
const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');
const FORMAT_VERSION = 1;
const CERTIFICATES_SECTION = 1;
const SERIAL_LIST = 0x20;

/**
 * A key revocation list in OpenSSH's format: it revokes the serial numbers, whichever of the authorities signed them. Its version and date
 * are zero, so that equal revocations are equal bytes, whichever replica writes them.
 */
export function writeKrl(authorities: readonly Buffer[], serials: readonly bigint[]): Buffer {
  const header = [MAGIC, uint32(FORMAT_VERSION), uint64(0n), uint64(0n), uint64(0n), string(''), string('')];
  if (serials.length === 0) return Buffer.concat(header);
  // Sorted, as the format requires.
  const sorted = serials.toSorted((a, b) => (a < b ? -1 : 1)).map(uint64);
  const list = Buffer.concat([Buffer.from([SERIAL_LIST]), string(Buffer.concat(sorted))]);
  const sections = authorities.flatMap((publicKey) => [
    Buffer.from([CERTIFICATES_SECTION]),
    string(Buffer.concat([string(publicKey), string(''), list])),
  ]);
  return Buffer.concat([...header, ...sections]);
}
