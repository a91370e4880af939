// Checks that every package that the service runs with has one of the licences permitted here:
// node scripts/licences.mjs [package-lock.json]
import { readFileSync } from 'node:fs';

/** Licences that let anyone use, change and pass on the work, by their SPDX names. */
const PERMITTED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/** Whether an SPDX expression permits a choice from the list: one side of OR is enough, AND needs both. */
function isPermitted(expression) {
  const bare = expression.trim().replace(/^\(([^()]*)\)$/, '$1');
  if (bare.includes('(')) return false;
  return bare.split(/ OR /).some((choice) => choice.split(/ AND /).every((name) => PERMITTED.has(name.trim())));
}

/** The packages of package-lock.json, without those for development. */
function offending(packages) {
  return Object.entries(packages)
    .filter(([path, { dev, link }]) => path !== '' && !dev && !link)
    .map(([path, { version, license }]) => ({ path, version, license: license ?? 'no licence' }))
    .filter(({ license }) => !isPermitted(license));
}

const { packages } = JSON.parse(readFileSync(process.argv[2] ?? 'package-lock.json', 'utf8'));
const offenders = offending(packages);
for (const { path, version, license } of offenders) {
  console.error(
    `${path.replace(/^.*node_modules\//, '')} ${version}: ${license} is not permitted (scripts/licences.mjs).`,
  );
}
if (offenders.length > 0) process.exitCode = 1;
