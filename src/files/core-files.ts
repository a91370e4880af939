import { writeFileSync } from 'node:fs';

/** Of core(5): which kinds of memory the kernel writes into a core file of this process. The value is a set of bits. */
const FILTER = '/proc/self/coredump_filter';

/**
 * Has a core file of this process hold none of its memory, in which there may be private keys on their way to their owners,
 * tokens and passwords. Node cannot set RLIMIT_CORE, and programs that the kernel pipes cores to are not bound by it. Systems
 * that are not Linux, or have no /proc, are left as they are: see docs/operations.md.
 */
export function keepMemoryOutOfCoreFiles(): void {
  try {
    writeFileSync(FILTER, '0');
  } catch {
    // The limits of the unit or the container hold all the same.
  }
}
