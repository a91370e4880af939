import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file as browsers get it. */
export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  /** Changes with the bytes. Times would not do: those of a package are the same in every release. */
  readonly etag: string;
}

const OURS = join(import.meta.dirname, 'page');
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** Everything that the page consists of, by the name it has under /docs. */
const FILES: ReadonlyMap<string, readonly [directory: string, file: string, contentType: string]> = new Map([
  ['', [OURS, 'page.html', HTML]],
  ['page.css', [OURS, 'page.css', STYLE]],
  ['page.js', [OURS, 'page.js', SCRIPT]],
  ['icon.svg', [OURS, 'icon.svg', 'image/svg+xml']],
  ['swagger-ui.css', [SWAGGER_UI, 'swagger-ui.css', STYLE]],
  ['swagger-ui-bundle.js', [SWAGGER_UI, 'swagger-ui-bundle.js', SCRIPT]],
]);

const read = new Map<string, PageFile>();

/** The file of this name; undefined if there is none. It is cached after the first request. */
export function pageFile(name: string): PageFile | undefined {
  const known = read.get(name);
  const place = FILES.get(name);
  if (known || !place) return known;
  const [directory, file, contentType] = place;
  const bytes = readFileSync(join(directory, file));
  const found = { contentType, bytes, etag: `"${hash('sha256', bytes, 'base64url')}"` };
  read.set(name, found);
  return found;
}
