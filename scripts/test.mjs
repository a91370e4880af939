// Runs jest on projects of test/projects.mjs, with what they need: "npm test -- [JEST'S OPTIONS]". Without --selectProjects it
// runs the projects that have files below the given paths, and without paths `unit` and `api`.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECTS } from '../test/projects.mjs';

/** For a test on a machine that runs three suites side by side. */
const MIN_TIMEOUT_MS = 90_000;

const given = process.argv.slice(2);
const at = given.indexOf('--selectProjects');
const end = given.findIndex((word, index) => index > at && (word.startsWith('-') || existsSync(word)));
const named = at < 0 ? [] : given.slice(at + 1, end < 0 ? undefined : end);
const options = at < 0 ? given : given.toSpliced(at, named.length + 1);

const unknown = named.filter((name) => !Object.hasOwn(PROJECTS, name));
if (unknown.length > 0 || (at >= 0 && named.length === 0)) {
  console.error(`There is no project ${unknown.join(', ')}; choose from ${Object.keys(PROJECTS).join(', ')}.`);
  process.exit(2);
}

/** Whether a project has files in the folder of a path, or the file itself: `test/cli` of `test/cli/keypairs.spec.ts`. */
const isBelow = ({ files, onlyByName = false }, path) => {
  const [top, folder] = path.split('/');
  const name = folder?.replace(/\..*/, '');
  const folders = files.filter((glob) => glob.startsWith(`${top}/`)).map((glob) => glob.split('/')[1]);
  return (
    !onlyByName && folders.some((each) => name === undefined || each.split(/[{},]/).includes(name) || each === '**')
  );
};

const paths = options.filter((option) => existsSync(option));
const missing =
  named.length === 0 && paths.find((path) => !Object.values(PROJECTS).some((each) => isBelow(each, path)));
if (missing) {
  console.error(`No project runs ${missing}; see test/projects.mjs.`);
  process.exit(2);
}

const below = Object.keys(PROJECTS).filter((name) => paths.some((path) => isBelow(PROJECTS[name], path)));
const names = [named, below, ['unit', 'api']].find((each) => each.length > 0);
const projects = names.map((name) => PROJECTS[name]);

// A directory for temporary files that no other run shares, so that a test can expect its own to be removed. The PostgreSQL user
// writes there too.
const temporary = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
chmodSync(temporary, 0o1777);
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
const env = { ...process.env, TMPDIR: temporary };

/** Runs a program in this terminal, and exits with its status if it fails. */
function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', env });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const packages = [...new Set(projects.flatMap((each) => each.packages ?? []))];
if (packages.length > 0) run('scripts/debian-packages.sh', ...packages);
if (projects.some(({ built }) => built)) run('npm', 'run', '--silent', 'built');

const workers = options.some((option) => /^(?:-w|-i|--maxWorkers|--runInBand)/.test(option))
  ? []
  : projects.some(({ serialTimeoutMs }) => serialTimeoutMs !== undefined)
    ? ['--runInBand']
    : projects.every(({ allCores }) => allCores)
      ? ['--maxWorkers=100%']
      : [];
const timeoutMs = Math.max(MIN_TIMEOUT_MS, ...projects.map(({ serialTimeoutMs = 0 }) => serialTimeoutMs));
const jest = ['node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--testTimeout', String(timeoutMs)];
const database = projects.some(({ postgres }) => postgres) ? ['scripts/with-postgres.sh'] : [];
run(...database, ...jest, ...workers, ...options, '--selectProjects', ...names);
