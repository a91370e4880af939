/**
 * The URL that is routed for one that was sent. Nova's URL map folds `//` into `/`, and serves a version document with and
 * without a slash at its end, also behind a project; so does Keystone all its paths. A slash at any other end belongs to no route; it is made an empty
 * segment in the middle, or the router would read it as an empty name.
 */
export function routedUrl(url: string): string {
  const queryAt = url.indexOf('?');
  const sent = queryAt < 0 ? url : url.slice(0, queryAt);
  // Nearly every URL is fine as it is.
  if (!sent.includes('//') && !sent.endsWith('/')) return url;
  const query = queryAt < 0 ? '' : url.slice(queryAt);
  const path = sent.replace(/\/{2,}/g, '/');
  if (path.startsWith('/identity/')) return path.replace(/\/$/, '') + query;
  const document = /^(\/v2(?:\.1)?)(?:\/[0-9a-f-]+)?\/$/.exec(path);
  if (document) return document[1] + query;
  return (path !== '/' && path.endsWith('/') ? `${path}/-` : path) + query;
}
