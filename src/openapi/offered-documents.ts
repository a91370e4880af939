import type { Config } from '../config/config.js';
import { compareMicroversions, readMicroversion } from '../domain/microversion.js';
import { type ListedDocument, listedDocuments } from './document-list.js';

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
