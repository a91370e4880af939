// Runs jest on projects of test/projects.mjs, with what they need: "npm test -- [JEST'S OPTIONS]". Without --selectProjects it
// takes the projects that have files below the paths that are given, and without paths `unit` and `api`.
import { spawnSync } from 'node:child_process';
import { PROJECTS } from '../test/projects.mjs';

const MIN_TIMEOUT_MS = 30_000;

const given = process.argv.slice(2);
const at = given.indexOf('--selectProjects');
const end = given.findIndex((word, index) => index > at && word.startsWith('-'));
const named = at < 0 ? [] : given.slice(at + 1, end < 0 ? undefined : end);
const options = at < 0 ? given : given.toSpliced(at, named.length + 1);

const unknown = named.filter((name) => !Object.hasOwn(PROJECTS, name));
if (unknown.length > 0 || (at >= 0 && named.length === 0)) {
  console.error(`There is no project ${unknown.join(', ')}; choose from ${Object.keys(PROJECTS).join(', ')}.`);
  process.exit(2);
}

/** Whether a project has files in the folder of one of the paths: `test/cli` of `test/cli/keypairs.spec.ts`. */
const isBelow = ({ files, onlyByName = false }) =>
  !onlyByName &&
  options.some((path) => {
    const [top, folder] = path.split('/');
    const folders = files.filter((glob) => glob.startsWith(`${top}/`)).map((glob) => glob.split('/')[1]);
    return folders.some((each) => folder === undefined || each.split(/[{},]/).includes(folder) || each === '**');
  });

const below = Object.keys(PROJECTS).filter((name) => isBelow(PROJECTS[name]));
const names = [named, below, ['unit', 'api']].find((each) => each.length > 0);
const projects = names.map((name) => PROJECTS[name]);

/** Runs a program in this terminal, and ends with it where it fails. */
function run(program, ...args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const packages = [...new Set(projects.flatMap((each) => each.packages ?? []))];
if (packages.length > 0) run('scripts/debian-packages.sh', ...packages);
if (projects.some(({ built }) => built)) run('npm', 'run', '--silent', 'built');

const isSerial =
  projects.some(({ serialTimeoutMs }) => serialTimeoutMs !== undefined) &&
  !options.some((option) => /^(?:-w|-i|--maxWorkers|--runInBand)/.test(option));
const timeoutMs = Math.max(MIN_TIMEOUT_MS, ...projects.map(({ serialTimeoutMs = 0 }) => serialTimeoutMs));
const jest = ['node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--testTimeout', String(timeoutMs)];
const database = projects.some(({ postgres }) => postgres) ? ['scripts/with-postgres.sh'] : [];
run(...database, ...jest, ...(isSerial ? ['--runInBand'] : []), ...options, '--selectProjects', ...names);
