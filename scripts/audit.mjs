// Queries the registry for known vulnerabilities of the packages that the service runs with, and fails on any. Some mirrors do not
// serve advisories (405): that fails too, since nothing was checked, unless --offline-ok is given.
import { spawnSync } from 'node:child_process';

const { stdout, status } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const answer = JSON.parse(stdout);

if (answer.statusCode === 405 && answer.method === 'POST' && /\/security\/(advisories|audits)\//.test(answer.uri)) {
  console.error(`Not audited: ${new URL(answer.uri).host} does not serve advisories (405).`);
  if (!process.argv.includes('--offline-ok')) {
    console.error('Run it where the registry of npm is reachable, or pass --offline-ok to go on without an audit.');
    process.exitCode = 1;
  }
} else if (answer.error !== undefined || answer.vulnerabilities === undefined) {
  console.error(`The audit failed: ${answer.message ?? answer.error?.summary ?? 'the answer cannot be read'}`);
  process.exitCode = 1;
} else {
  const found = Object.values(answer.vulnerabilities);
  for (const { name, severity, range, via } of found) {
    const titles = via.map((each) => (typeof each === 'string' ? `by way of ${each}` : `${each.title} ${each.url}`));
    console.error(`${name} ${range}: ${severity}. ${titles.join('; ')}`);
  }
  if (found.length === 0) console.log('Audited: the registry knows of no vulnerability.');
  process.exitCode = status ?? 1;
}
