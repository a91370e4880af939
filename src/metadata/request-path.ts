// No name in the trees has any other character. What is escaped, or has parameters, is nothing an agent asks for.
const PLAIN = /^\/[A-Za-z0-9._/-]*$/;

/**
 * The segments of a request's path; slashes at the end, and several in a row, say nothing. Undefined where it is not plain:
 * a path that a proxy might read in another way is no path.
 */
export function segmentsOf(target: string): string[] | undefined {
  const [path] = target.split('?', 1);
  if (!PLAIN.test(path)) return undefined;
  const segments = path.split('/').filter((each) => each !== '');
  return segments.some((each) => each === '.' || each === '..') ? undefined : segments;
}
