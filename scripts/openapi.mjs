// Writes docs/openapi/*.json and docs/microversions.md from the classes and histories that the service follows, or with
// --check says which of them are not as they should be.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { format } from 'prettier';
import { documentAt } from '../dist/src/openapi/document.js';
import { documentedVersions, documentName } from '../dist/src/openapi/histories.js';
import { microversionsPage } from '../dist/src/openapi/microversions-page.js';
import { scannedRoutes } from '../dist/src/openapi/scan.js';

const DIRECTORY = 'docs/openapi';
const SAMPLES = 'test/samples';

/** The sample of a version, or of the newest one before it that has this sample; those of /v2 stay there. */
function example(version, operationId, part) {
  const [major, minor] = version.split('.').map(Number);
  const isLegacy = major < 2 || minor === 0;
  const file = part === 'request' ? `${operationId}.request.json` : `${operationId}.json`;
  const found = readdirSync(SAMPLES)
    .filter((each) => /^\d+\.\d+$/.test(each) && existsSync(join(SAMPLES, each, file)))
    .map((each) => ({ each, at: each.split('.').map(Number) }))
    .filter(({ at }) => (isLegacy ? at[0] === major && at[1] === minor : at[0] === 2 && at[1] > 0 && at[1] <= minor))
    .toSorted((a, b) => a.at[1] - b.at[1])
    .at(-1);
  return found && JSON.parse(readFileSync(join(SAMPLES, found.each, file), 'utf8'));
}

const scanned = await scannedRoutes();
const files = new Map();
for (const version of documentedVersions()) {
  const text = JSON.stringify(documentAt(version, scanned, example));
  files.set(join(DIRECTORY, `${documentName(version)}.json`), await format(text, { parser: 'json', printWidth: 120 }));
}
files.set(
  'docs/microversions.md',
  await format(microversionsPage(), { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' }),
);
const stale = (existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : [])
  .map((each) => join(DIRECTORY, basename(each)))
  .filter((each) => !files.has(each));

if (!process.argv.includes('--check')) {
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [file, text] of files) writeFileSync(file, text);
  for (const file of stale) rmSync(file);
} else {
  const wrong = [...files].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  for (const file of [...wrong.map(([each]) => each), ...stale]) console.error(`${file} is not what the code says.`);
  if (wrong.length + stale.length > 0) {
    console.error('Run "npm run openapi".');
    process.exit(1);
  }
}
// The application that was looked at, and never started, has timers of its modules.
process.exit(0);
