import { createHash } from 'node:crypto';

/** What every audit line ends with. */
export interface Link {
  /** The process that wrote it: a random id for each start. */
  readonly chain: string;
  /** Its number in the chain, from 1. */
  readonly seq: number;
  /** The hash of the line before it in the file; null on the first line of all. */
  readonly prev: string | null;
}

const SEAL = /,"hash":"([0-9a-f]{64})"\}$/;

/** The SHA-256 of a line without its end, in hex. */
export const hashLine = (line: string | Buffer): string => createHash('sha256').update(line).digest('hex');

/** A line as JSON with the hash of itself, so that the last line, which none follows, is not altered unnoticed either. */
export function sealLine(line: Link & Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(line).slice(0, -1);
  return `${text},"hash":"${hashLine(text)}"}`;
}

/** The link of a line; undefined if it has none. `isSealed` is false if the line is not as it was written. */
function readLink(line: Buffer): (Link & { readonly isSealed: boolean }) | undefined {
  // A character a byte; what is read from it here is ASCII.
  const text = line.toString('latin1');
  const seal = SEAL.exec(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { chain, seq, prev } = value as Partial<Link>;
  if (typeof chain !== 'string' || !Number.isSafeInteger(seq) || (prev !== null && typeof prev !== 'string'))
    return undefined;
  return { chain, seq: seq!, prev, isSealed: seal !== null && hashLine(line.subarray(0, seal.index)) === seal[1] };
}

/** Where a file of audit lines is not as it was written. `line` counts from 1 in that file. */
export interface Flaw {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** A line of a file; `isTorn` if its end is missing. */
export interface FileLine {
  readonly file: string;
  readonly line: number;
  readonly bytes: Buffer;
  readonly isTorn: boolean;
}

export interface Verified {
  /** Lines of a chain. */
  readonly linked: number;
  readonly chains: number;
  /** Lines before the first one of a chain, which nothing protects. */
  readonly unprotected: number;
  /** Lines that no other follows: written at the same moment as the next one, by another process. */
  readonly beside: readonly FileLine[];
  /** The hash of the last line. */
  readonly last: string | undefined;
}

/**
 * Follows the chains through the lines of files in the order in which they were written. Returns the first flaw, or what was
 * verified. `after` is the hash of the line before the first one, and `includes` that of a line that must be among them.
 */
export async function verifyChain(
  lines: AsyncIterable<FileLine>,
  { after, includes }: { readonly after?: string; readonly includes?: string },
): Promise<Flaw | Verified> {
  /** The index of every line, by its hash. */
  const indexes = new Map<string, number>();
  const chains = new Map<string, { seq: number; index: number }>();
  const unfollowed = new Map<string, FileLine>();
  let [linked, unprotected] = [0, 0];
  let before: { line: FileLine; hash: string; isLoose: boolean } | undefined;
  for await (const line of lines) {
    const flaw = (reason: string, { file, line: number } = line): Flaw => ({ file, line: number, reason });
    const hash = hashLine(line.bytes);
    const link = readLink(line.bytes);
    // What a crash left of a line has no link; the next line vouches for it.
    if (before?.isLoose && link?.prev !== before.hash) return flaw('was changed or inserted', before.line);
    if (line.isTorn) return flaw('lacks its end, after a crash or a change');
    if (link) {
      if (!link.isSealed) return flaw('was changed');
      const own = chains.get(link.chain);
      if (own && link.seq <= own.seq) return flaw(`was moved or repeated: number ${link.seq} follows ${own.seq}`);
      if (own && link.seq > own.seq + 1)
        return flaw(`comes too early, or lines before it were removed: number ${link.seq} follows ${own.seq}`);
      const isBeginning = link.prev === null && link.seq === 1 && line.line === 1;
      const place = link.prev === null ? undefined : indexes.get(link.prev);
      const follows = before === undefined ? link.prev === after : place !== undefined && place >= (own?.index ?? 0);
      if (!isBeginning && !follows)
        return flaw(
          line.line === 1
            ? `follows a line that is not here; name the older file first, or else --after ${link.prev}`
            : 'does not follow the line before it: lines were removed, inserted or moved',
        );
      if (link.prev !== null) unfollowed.delete(link.prev);
      chains.set(link.chain, { seq: link.seq, index: indexes.size });
      unfollowed.set(hash, line);
      linked += 1;
    } else if (linked === 0) unprotected += 1;
    indexes.set(hash, indexes.size);
    before = { line, hash, isLoose: !link && linked > 0 };
  }
  if (before?.isLoose) return { file: before.line.file, line: before.line.line, reason: 'was changed or inserted' };
  if (includes !== undefined && !indexes.has(includes))
    return { file: before?.line.file ?? '', line: before?.line.line ?? 0, reason: `ends a file without ${includes}` };
  if (before) unfollowed.delete(before.hash);
  return { linked, chains: chains.size, unprotected, beside: [...unfollowed.values()], last: before?.hash };
}
