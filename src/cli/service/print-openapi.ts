import { readMicroversion, type Microversion } from '../../domain/microversion.js';
import { documentFor, writtenDocuments } from '../../openapi/documents.js';
import { CliError, UsageError } from '../cli-error.js';
import type { GlobalOptions } from '../global-options.js';
import { print } from '../output/print.js';

const NEWEST = '2.999';

/** Prints the OpenAPI document of a microversion or of a name (`v2`), in JSON or YAML. */
export async function printOpenApi(version: string | undefined, { format = 'json' }: GlobalOptions): Promise<void> {
  if (format !== 'json' && format !== 'yaml') throw new UsageError('-f must be json or yaml here.');
  const documents = writtenDocuments();
  const name = version !== undefined && documents.has(version) ? version : nameFor(version, documents.keys());
  const document = documents.get(name);
  if (format === 'json') return print(`${JSON.stringify(document, undefined, 2)}\n`);
  const { stringify } = await import('yaml');
  return print(stringify(document));
}

function nameFor(version = NEWEST, names: Iterable<string>): string {
  const microversion = parse(version);
  if (microversion.major === 2 && microversion.minor > 0) return documentFor(microversion, names);
  throw noDocument(version);
}

function parse(version: string): Microversion {
  try {
    return readMicroversion(version);
  } catch {
    throw noDocument(version);
  }
}

function noDocument(version: string): CliError {
  return new UsageError(`There is no document for ${version}; name a microversion such as 2.92, or v2.`);
}
