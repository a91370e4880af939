import type { Config } from '../config/config.js';
import { compareMicroversions, readMicroversion } from '../domain/microversion.js';
import { documentSources } from './sources.js';

/** A document as readers choose it: served at `/openapi/NAME.json`, called by its title. */
export interface ListedDocument {
  readonly name: string;
  readonly title: string;
}

/** Every document that is written and served: the newest of the compute API first. */
export function listedDocuments(): readonly ListedDocument[] {
  return documentSources().map(({ name, title }) => ({ name, title }));
}

/** The documents of the offered APIs, without those of newer microversions, for example. */
export function offeredDocuments(config: Config): ListedDocument[] {
  return listedDocuments().filter(({ name }) => isOffered(name, config));
}

function isOffered(name: string, { authMode, maxMicroversion, extendedKeypairs }: Config): boolean {
  if (name === 'v2') return extendedKeypairs;
  if (name === 'v2-plain') return !extendedKeypairs;
  if (name === 'identity') return authMode === 'builtin';
  return !/^\d/.test(name) || compareMicroversions(readMicroversion(name), maxMicroversion) <= 0;
}
