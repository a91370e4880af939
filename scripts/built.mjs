// Builds dist unless it is newer than all of its sources: `npm run built`, with which every script that needs dist begins.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = [
  'src',
  'scripts/minify-console.mjs',
  'migrations',
  'ormconfig.ts',
  'tsconfig.json',
  'nest-cli.json',
  'package-lock.json',
];
const STAMP = 'dist/.built';

/** The files and directories of a tree; a directory changes with what is added to it and removed. */
function within(path) {
  if (!statSync(path).isDirectory()) return [path];
  return [path, ...readdirSync(path, { recursive: true }).map((name) => join(path, name))];
}

function isCurrent() {
  if (!existsSync(STAMP)) return false;
  const built = statSync(STAMP).mtimeMs;
  return SOURCES.flatMap(within).every((path) => statSync(path).mtimeMs < built);
}

if (!isCurrent()) {
  const begun = new Date();
  const { status } = spawnSync('npm run build --silent', { stdio: 'inherit', shell: true });
  if (status !== 0) process.exit(status ?? 1);
  // The time when the build began: what has changed since may not be in it.
  writeFileSync(STAMP, '');
  utimesSync(STAMP, begun, begun);
}
