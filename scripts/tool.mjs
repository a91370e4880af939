// Runs one of the rarer tools: "npm run tool -- NAME [ARGUMENTS]".
import { spawnSync } from 'node:child_process';

const TOOLS = {
  sbom: ['scripts/sbom.mjs', 'prints a CycloneDX bill of materials of what the service runs with'],
  licences: ['scripts/licences.mjs', 'fails on a licence that is not permissive'],
  'bench-scale': ['bench/scale.mjs', 'latency as the table grows; ROWS'],
  'bench-soak': ['bench/soak.mjs', 'memory as requests add up; REQUESTS'],
  'bench-metadata': ['bench/metadata-storm.mjs', 'ten thousand guests boot at once'],
};

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(TOOLS, name ?? '')) {
  for (const [each, [, purpose]] of Object.entries(TOOLS)) console.error(`${each.padEnd(16)} ${purpose}`);
  process.exit(2);
}
process.exitCode = spawnSync(process.execPath, [TOOLS[name][0], ...args], { stdio: 'inherit' }).status ?? 1;
