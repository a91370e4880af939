/** Maximum length of a label in a hostname (RFC 1123). */
const MAX_LABEL = 63;

/** A hostname made of a guest's name, as Nova makes one: `Web server_1` is `web-server-1`. */
export function hostnameFor(name: string, id: string): string {
  const hostname = name
    .toLowerCase()
    .replace(/[ _]/g, '-')
    .replace(/[^a-z0-9.-]/g, '')
    .slice(0, MAX_LABEL)
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, ''))
    .filter((label) => label !== '')
    .join('.');
  return hostname || `guest-${id}`;
}
