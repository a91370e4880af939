import { emptyListsHistory } from '../compute/empty-lists.history.js';
import { keypairsHistory } from '../keypairs/keypairs.history.js';
import { extensionsHistory } from '../nova/extensions.history.js';
import type { History, HistoryRow } from '../nova/history.js';
import { compareMicroversions, readMicroversion } from '../domain/microversion.js';
import { limitsHistory } from '../quotas/limits.history.js';
import { quotaSetsHistory } from '../quotas/quota-sets.history.js';

/** A part of the API whose documents are written: operations with this tag follow this history. */
export interface DocumentedPart {
  readonly about: string;
  readonly history: History<object>;
}

/** The parts by tag. */
export const PARTS: Readonly<Record<string, DocumentedPart>> = {
  keypairs: { about: 'SSH public keys and certificates, by owner and name.', history: keypairsHistory },
  limits: { about: "The limits of the caller's project.", history: limitsHistory },
  'quota sets': { about: 'Quotas, which administrators set.', history: quotaSetsHistory },
  'empty lists': {
    about: 'Other resources that dashboards and tools read. All of them are empty.',
    history: emptyListsHistory,
  },
  extensions: { about: 'Extensions, which clients older than microversions look up.', history: extensionsHistory },
};

/** A document is written for each microversion at which a client sees a change. */
export function documentedVersions(): string[] {
  const versions = new Set(Object.values(PARTS).flatMap(({ history }) => history.rows.map(({ from }) => from)));
  return [...versions].toSorted((a, b) => compareMicroversions(readMicroversion(a), readMicroversion(b)));
}

/** What changed at exactly this microversion, by tag. */
export function rowsAt(version: string): { readonly tag: string; readonly row: HistoryRow<object> }[] {
  return Object.entries(PARTS).flatMap(([tag, { history }]) =>
    history.rows.filter(({ from }) => from === version).map((row) => ({ tag, row })),
  );
}

/** The name of a document: `2.35`; `v2` for the API without microversions, and `v2-plain` without its extension. */
export function documentName(version: string): string {
  return { '1.1': 'v2-plain', '2.0': 'v2' }[version] ?? version;
}
