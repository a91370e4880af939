import { compareMicroversions, FIRST_MICROVERSION, readMicroversion } from '../microversions/microversion.js';
import { documentedVersions, documentName } from './histories.js';

/** A document as readers choose it: served at `/openapi/NAME.json`, called by its title. */
export interface ListedDocument {
  readonly name: string;
  readonly title: string;
}

/** Every document that is written and served: the newest of the compute API first. */
export function listedDocuments(): readonly ListedDocument[] {
  return documentedVersions()
    .toReversed()
    .map((version) => ({ name: documentName(version), title: computeTitle(version) }));
}

function computeTitle(version: string): string {
  const isLegacy = compareMicroversions(readMicroversion(version), FIRST_MICROVERSION) < 0;
  if (!isLegacy) return `Compute, from microversion ${version}`;
  return version === '2.0' ? 'Compute at /v2' : 'Compute at /v2, without its extension';
}
