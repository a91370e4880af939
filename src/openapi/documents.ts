import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { compareMicroversions, type Microversion, readMicroversion } from '../domain/microversion.js';

/** Where `npm run generate` writes: at the root of the package, which is one step further from built files. */
const DIRECTORY = ['../../docs/openapi', '../../../docs/openapi']
  .map((path) => join(import.meta.dirname, path))
  .find((path) => existsSync(path))!;

/** The documents as written, by name: `2.35`, `v2`, `v2-plain`. */
export function writtenDocuments(): ReadonlyMap<string, OpenAPIObject> {
  const names = readdirSync(DIRECTORY).map((file) => basename(file, '.json'));
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), 'utf8')) as OpenAPIObject]),
  );
}

/** The name of the document that holds at a microversion: the newest one that is not newer. */
export function documentFor(version: Microversion, names: Iterable<string>): string {
  const older = [...names]
    .filter((name) => /^\d/.test(name))
    .map((name) => ({ name, from: readMicroversion(name) }))
    .filter(({ from }) => compareMicroversions(from, version) <= 0)
    .toSorted((a, b) => compareMicroversions(a.from, b.from));
  return older.at(-1)!.name;
}
