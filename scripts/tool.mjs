// Runs one of the rarer tools: "npm run tool -- NAME [ARGUMENTS]".
import { spawnSync } from 'node:child_process';

/** Each tool's script, its arguments and purpose, and the suite of scripts/debian-packages.sh that it needs. */
const TOOLS = {
  audit: ['scripts/audit.mjs', '[--offline-ok]', 'fails on known vulnerabilities of the dependencies'],
  licences: ['scripts/licences.mjs', '', 'fails on a licence that is not permissive'],
  sbom: ['scripts/sbom.mjs', '', 'prints a CycloneDX bill of materials of the dependencies'],
  fuzz: ['scripts/fuzz-keys.mjs', '[COUNT] [SEED]', 'feeds mutated keys to the parsers'],
  'fuzz-http': ['scripts/fuzz-http/fuzz-http.mjs', '[COUNT] [SEED]', 'sends good, odd and broken requests'],
  soak: ['scripts/soak/soak.mjs', '[MINUTES] [SEED]', 'runs traffic while the database fails', 'postgres'],
  'bench-scale': ['bench/scale.mjs', '[ROWS]', 'measures latency as the table grows'],
  'bench-soak': ['bench/soak.mjs', '[REQUESTS]', 'measures memory as requests add up'],
  'bench-refusals': ['bench/refusals.mjs', '[PATTERN]', 'measures what refused requests cost'],
  'bench-replicas': ['bench/replicas.mjs', '', 'measures one, two and four processes on one PostgreSQL'],
  'bench-metadata': ['bench/metadata-storm.mjs', '', 'boots ten thousand guests at once'],
};

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(TOOLS, name ?? '')) {
  for (const [each, [, usage, purpose]] of Object.entries(TOOLS)) {
    console.error(`${`${each} ${usage}`.padEnd(28)} ${purpose}`);
  }
  process.exit(2);
}

const [script, , , packages] = TOOLS[name];
if (packages !== undefined) run('scripts/debian-packages.sh', packages);
run(process.execPath, script, ...args);

function run(program, ...programArgs) {
  const { status } = spawnSync(program, programArgs, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
