import type { PageQuery } from './keypairs.dto.js';

/** Which part of a list is asked for. */
export interface Page {
  readonly limit: number;
  readonly marker: string | undefined;
}

/** Reads the page from a query: of several limits or markers the last counts, and `most` is the largest limit. */
export function pageOf(query: PageQuery, most: number): Page {
  const limit = query.limit?.at(-1);
  // A limit of many digits is larger than `most`, as an infinite one is.
  return { limit: limit === undefined ? most : Math.min(Number(limit), most), marker: query.marker?.at(-1) };
}

/**
 * The link to the page after one that ends with `last`. It keeps the limit as written and the user, and drops parameters that
 * are not known. `url` is the list's own, without a query.
 */
export function nextPage(url: string, query: PageQuery, last: string): string {
  const parameters = new URLSearchParams();
  const limit = query.limit?.at(-1);
  if (limit !== undefined) parameters.set('limit', limit);
  for (const user of query.user_id ?? []) parameters.append('user_id', user);
  parameters.set('marker', last);
  return `${url}?${parameters.toString()}`;
}
