// No name in the trees has other characters. Agents send no escapes and no parameters.
const PLAIN = /^\/[A-Za-z0-9._/-]*$/;

/**
 * The segments of a request's path, ignoring final and repeated slashes. Undefined for other characters, which a proxy might
 * interpret differently.
 */
export function segmentsOf(target: string): string[] | undefined {
  const [path] = target.split('?', 1);
  if (!PLAIN.test(path)) return undefined;
  const segments = path.split('/').filter((each) => each !== '');
  return segments.some((each) => each === '.' || each === '..') ? undefined : segments;
}
