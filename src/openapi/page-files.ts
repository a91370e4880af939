import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StaticFiles } from '../http/static-files.js';

const OURS = join(import.meta.dirname, 'page');
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Everything that the page consists of, by the name it has under /docs. */
export const PAGE_FILES = new StaticFiles(
  new Map([
    ['', { directory: OURS, file: 'page.html' }],
    ['page.css', { directory: OURS, file: 'page.css' }],
    ['page.js', { directory: OURS, file: 'page.js' }],
    ['icon.svg', { directory: OURS, file: 'icon.svg' }],
    ['swagger-ui.css', { directory: SWAGGER_UI, file: 'swagger-ui.css' }],
    ['swagger-ui-bundle.js', { directory: SWAGGER_UI, file: 'swagger-ui-bundle.js' }],
  ]),
);
