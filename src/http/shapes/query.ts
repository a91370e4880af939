/** The query as Nova reads it: each parameter with its values in order. Names keep the order of the request. */
export type Query = Readonly<Record<string, readonly string[]>>;

/**
 * Reads what stands after the `?` of a URL (application/x-www-form-urlencoded: `+` is a space). Bytes that are no UTF-8
 * become U+FFFD, which no name holds.
 */
export function readQuery(url: string): Query {
  const query: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  const start = url.indexOf('?');
  if (start < 0) return query;
  for (const [name, value] of new URLSearchParams(url.slice(start + 1).replace(/^\?/, '%3F'))) {
    (query[name] ??= []).push(value);
  }
  return query;
}
