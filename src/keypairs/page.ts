import type { PageQuery } from './keypairs.dto.js';

/** The requested part of a list. */
export interface Page {
  readonly limit: number;
  readonly marker: string | undefined;
}

/** Reads the page from a query. Of several limits or markers the last counts. */
export function pageOf(query: PageQuery, maxLimit: number): Page {
  const limit = query.limit?.at(-1);
  // Number() of very many digits is Infinity, which Math.min handles.
  return { limit: limit === undefined ? maxLimit : Math.min(Number(limit), maxLimit), marker: query.marker?.at(-1) };
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
