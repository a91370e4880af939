// Minifies the scripts of the console, each by itself: what the page loads stays one file a module, and has a limit in size.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { minify } from '@swc/core';

const DIRECTORY = 'dist/src/console/page';

for (const file of readdirSync(DIRECTORY).filter((name) => name.endsWith('.js'))) {
  const path = join(DIRECTORY, file);
  const { code } = await minify(readFileSync(path, 'utf8'), { module: true, ecma: 2022, compress: true, mangle: true });
  writeFileSync(path, code);
}
