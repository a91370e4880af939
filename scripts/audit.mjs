// Asks the registry for known vulnerabilities of the packages that the service runs with, and fails on any. Some mirrors
// of the registry take no such question; theirs is the one refusal that is only told, since nothing here can mend it.
import { spawnSync } from 'node:child_process';

const { stdout, status } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const answer = JSON.parse(stdout);

if (answer.statusCode === 405 && answer.method === 'POST' && /\/security\/(advisories|audits)\//.test(answer.uri)) {
  console.warn(`The audit could not be asked: ${new URL(answer.uri).host} takes no such question (405).`);
} else if (answer.error !== undefined || answer.vulnerabilities === undefined) {
  console.error(`The audit failed: ${answer.message ?? answer.error?.summary ?? 'no answer that can be read'}`);
  process.exitCode = 1;
} else {
  for (const { name, severity, range, via } of Object.values(answer.vulnerabilities)) {
    const titles = via.map((each) => (typeof each === 'string' ? `by way of ${each}` : `${each.title} ${each.url}`));
    console.error(`${name} ${range}: ${severity}. ${titles.join('; ')}`);
  }
  process.exitCode = status ?? 1;
}
