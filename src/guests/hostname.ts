/** Characters of a label in a host's name (RFC 1123). */
const LONGEST = 63;

/** A hostname made of a guest's name, as Nova makes one: `Web server_1` is `web-server-1`. */
export function hostnameFor(name: string, id: string): string {
  const hostname = name
    .toLowerCase()
    .replace(/[ _]/g, '-')
    .replace(/[^a-z0-9.-]/g, '')
    .slice(0, LONGEST)
    .split('.')
    .map((label) => label.replace(/^-+|-+$/g, ''))
    .filter((label) => label !== '')
    .join('.');
  return hostname || `guest-${id}`;
}
