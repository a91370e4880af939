// Minifies the files of the console one by one: each module of the page stays one file, and the total size has a limit.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { minify } from '@swc/core';

const PAGE = 'dist/src/console/page';

/** How files are minified, by their extension. */
const MINIFIERS = {
  '.js': async (text) => (await minify(text, { module: true, ecma: 2022, compress: true, mangle: true })).code,
  '.json': (text) => JSON.stringify(JSON.parse(text)),
  '.css': (text) => text.replaceAll(/\/\*.*?\*\/|\s+/gs, ' ').replaceAll(/ ?([{};,]) ?/g, '$1'),
};

for (const directory of [PAGE, join(PAGE, 'messages'), 'dist/src/key-formats']) {
  for (const file of readdirSync(directory)) {
    const path = join(directory, file);
    const minified = MINIFIERS[file.slice(file.lastIndexOf('.'))];
    if (minified) writeFileSync(path, await minified(readFileSync(path, 'utf8')));
    // The source map of a minified script is no longer valid.
    if (file.endsWith('.js.map')) rmSync(path);
  }
}
