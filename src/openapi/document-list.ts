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
