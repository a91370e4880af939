import { readMicroversion, type Microversion } from '../../domain/microversion.js';
import { documentFor, writtenDocuments } from '../../openapi/documents.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { print } from '../output/print.js';

const NEWEST = '2.999';

/** Prints the OpenAPI document that holds at a microversion, or one told by its name (`v2`), in JSON or YAML. */
export async function printOpenApi(version: string | undefined, { format = 'json' }: GlobalOptions): Promise<void> {
  if (format !== 'json' && format !== 'yaml') throw new CliError('-f must be json or yaml here.', EXIT.usage);
  const documents = writtenDocuments();
  const name = version !== undefined && documents.has(version) ? version : nameFor(version, documents.keys());
  const document = documents.get(name);
  if (format === 'json') return print(`${JSON.stringify(document, undefined, 2)}\n`);
  const { stringify } = await import('yaml');
  return print(stringify(document));
}

function nameFor(version = NEWEST, names: Iterable<string>): string {
  const wanted = readable(version);
  if (wanted.major === 2 && wanted.minor > 0) return documentFor(wanted, names);
  throw notThere(version);
}

function readable(version: string): Microversion {
  try {
    return readMicroversion(version);
  } catch {
    throw notThere(version);
  }
}

function notThere(version: string): CliError {
  return new CliError(`There is no document for ${version}; name a microversion such as 2.92, or v2.`, EXIT.usage);
}
