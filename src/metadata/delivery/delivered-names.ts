import type { GuestKey } from '../../persistence/entities/guest.entity.js';

// Agents split `0=name` at every `=` (cloudbase-init, afterburn), lines at line ends, and make file names of names (CirrOS).
const UNFIT = /[^A-Za-z0-9 @._-]/g;

/**
 * The names that keys have for guests, in the order of the keys: letters, digits, spaces and `@._-`; anything else becomes
 * `_`. A number distinguishes names that become equal.
 */
export function deliveredNames(keys: readonly GuestKey[]): string[] {
  const taken = new Set<string>();
  return keys.map(({ name }) => {
    const fit =
      name
        .replace(UNFIT, '_')
        .replace(/^\.+/, (dots) => '_'.repeat(dots.length))
        .trim() || '_';
    let unique = fit;
    for (let count = 2; taken.has(unique); count += 1) unique = `${fit}-${count}`;
    taken.add(unique);
    return unique;
  });
}
