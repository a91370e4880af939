// Writes docs/openapi/*.json, docs/microversions.md, docs/errors.md and docs/api.md from the classes and histories that the
// service follows, or with --check lists those that are out of date.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { format } from 'prettier';
import { apiPage } from './api-page.mjs';
import { errorsPage } from './errors-page.mjs';
import { AppModule } from '../dist/src/app.module.js';
import { documentOf } from '../dist/src/openapi/document.js';
import { microversionsPage } from '../dist/src/openapi/microversions-page.js';
import { scannedRoutes } from '../dist/src/openapi/scan.js';
import { documentSources } from '../dist/src/openapi/sources.js';

const DIRECTORY = 'docs/openapi';
const SAMPLES = 'test/samples';

/** The sample of an operation of a document, where it has one. */
function example({ name, microversion }, operationId, part) {
  const file = part === 'request' ? `${operationId}.request.json` : `${operationId}.json`;
  const directory = microversion === undefined ? (LEGACY[name] ?? name) : newestWith(file, microversion);
  const path = join(SAMPLES, directory ?? '', file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** The samples of /v2 stay there. */
const LEGACY = { 'v2-plain': '1.1', v2: '2.0' };

/** The newest microversion, up to this one, that has this sample. */
function newestWith(file, microversion) {
  const minor = Number(microversion.split('.')[1]);
  return readdirSync(SAMPLES)
    .filter((each) => /^2\.[1-9]\d*$/.test(each) && existsSync(join(SAMPLES, each, file)))
    .map((each) => ({ each, at: Number(each.split('.')[1]) }))
    .filter(({ at }) => at <= minor)
    .toSorted((a, b) => a.at - b.at)
    .at(-1)?.each;
}

const scanned = await scannedRoutes((config) => AppModule.with(config));
const files = new Map();
const documents = new Map(documentSources().map((source) => [source.name, documentOf(source, scanned, example)]));
for (const [name, document] of documents) {
  const text = JSON.stringify(document);
  files.set(join(DIRECTORY, `${name}.json`), await format(text, { parser: 'json', printWidth: 120 }));
}
const pages = { microversions: microversionsPage(), errors: errorsPage(), api: apiPage(documents) };
for (const [name, text] of Object.entries(pages)) {
  const options = { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' };
  files.set(`docs/${name}.md`, await format(text, options));
}
const stale = (existsSync(DIRECTORY) ? readdirSync(DIRECTORY) : [])
  .map((each) => join(DIRECTORY, basename(each)))
  .filter((each) => !files.has(each));

if (!process.argv.includes('--check')) {
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [file, text] of files) writeFileSync(file, text);
  for (const file of stale) rmSync(file);
} else {
  const wrong = [...files].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  for (const file of [...wrong.map(([each]) => each), ...stale]) console.error(`${file} is out of date.`);
  if (wrong.length + stale.length > 0) {
    console.error('Run "npm run generate".');
    process.exit(1);
  }
}
// The application was only inspected, never started, but its modules have timers.
process.exit(0);
