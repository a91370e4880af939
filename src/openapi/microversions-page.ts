import { PARTS } from './histories.js';

/** `docs/microversions.md`: every change that a client can see, printed from the histories. */
export function microversionsPage(): string {
  const tables = Object.entries(PARTS).map(([tag, { about, history }]) => {
    const rows = history.rows.map(({ from, changes }) => `| ${showVersion(from)} | ${changes} |`);
    return [`## ${tag}`, '', about, '', '| from | what changed |', '| --- | --- |', ...rows, ''].join('\n');
  });
  return [
    '# Microversions',
    '',
    'What changed at which microversion of the compute API. A row holds until a later one replaces it. Printed by',
    '`npm run generate` from the tables that the service itself follows.',
    '',
    ...tables,
  ].join('\n');
}

function showVersion(from: string): string {
  return { '1.1': '`/v2`, extension off', '2.0': '`/v2`' }[from] ?? from;
}
