import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type FilePlace, StaticFiles } from '../http/static-files.js';

const PAGE = join(import.meta.dirname, 'page');
const KEY_FORMATS = join(import.meta.dirname, '..', 'key-formats');
// Node.js itself would get `node/lit-html.js`, and the package offers no other way to its folder.
const LIT_HTML = join(dirname(createRequire(import.meta.url).resolve('lit-html')), '..');

/**
 * Everything that the console consists of, by the name it has under /console. Scripts have their place in the source, so that they
 * find each other by relative imports.
 */
export const CONSOLE_FILES = new StaticFiles(
  new Map<string, FilePlace>([
    ['', { directory: PAGE, file: 'page.html' }],
    ['page.css', { directory: PAGE, file: 'page.css' }],
    ['icon.svg', { directory: PAGE, file: 'icon.svg' }],
    ...namesIn(join(PAGE, 'messages'), '.json').map((file): [string, FilePlace] => [
      `messages/${file}`,
      { directory: join(PAGE, 'messages'), file },
    ]),
    ...namesIn(PAGE, '.js').map((file): [string, FilePlace] => [`src/console/page/${file}`, { directory: PAGE, file }]),
    ...namesIn(KEY_FORMATS, '.js').map((file): [string, FilePlace] => [
      `src/key-formats/${file}`,
      { directory: KEY_FORMATS, file },
    ]),
    ['src/console/page/lit-html.js', { directory: LIT_HTML, file: 'lit-html.js' }],
  ]),
);

function namesIn(directory: string, extension: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(extension));
}
