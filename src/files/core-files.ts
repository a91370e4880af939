import { writeFileSync } from 'node:fs';

/** The kinds of memory that the kernel writes into a core file of this process, as a set of bits; see core(5). */
const FILTER = '/proc/self/coredump_filter';

/**
 * Keeps the memory of this process out of its core files, since it may hold generated private keys, tokens and passwords. Node
 * cannot set RLIMIT_CORE, and programs that the kernel pipes cores to are not bound by it. Without Linux and /proc nothing
 * changes: see docs/operations.md.
 */
export function keepMemoryOutOfCoreFiles(): void {
  try {
    writeFileSync(FILTER, '0');
  } catch {
    // The limits of the unit or the container still apply.
  }
}
