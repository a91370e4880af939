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
 * The link to the page after one that ends with `last`. The known parameters of the request follow in alphabetical order, and
 * the marker last where the request had none (nova.api.openstack.common.ViewBuilder). `url` has no query.
 */
export function nextPage(url: string, query: PageQuery, last: string): string {
  const { limit, marker, user_id: userId } = query;
  const parameters = new URLSearchParams();
  if (limit) parameters.set('limit', limit.at(-1)!);
  if (marker) parameters.set('marker', last);
  if (userId) parameters.set('user_id', userId[0]);
  parameters.set('marker', last);
  return `${url}?${parameters.toString()}`;
}
