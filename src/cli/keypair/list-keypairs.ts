import { typeOfText } from '../../crypto/key-types.js';
import { readTime } from '../../domain/utc-time.js';
import { UsageError } from '../cli-error.js';
import type { Query } from '../cloud/latchkey-api.js';
import type { OptionsOf } from '../global-options.js';
import { type FingerprintKind, fingerprintOf } from '../keys/fingerprints.js';
import { withProgress } from '../output/progress.js';
import { type Row, showPart } from '../output/show.js';
import type { Keypair } from './keypairs.js';
import type { KeypairRecord, KeypairRecords } from './life/records.js';
import { withKeypairs, withRecords } from './open-keypairs.js';

/** The options by which keypairs are searched. */
interface SearchOptions {
  readonly long?: boolean;
  readonly shared?: boolean;
  readonly prefix?: string;
  readonly type?: string;
  readonly algorithm?: string;
  readonly fingerprintIs?: string;
  readonly tag?: readonly string[];
  readonly olderThan?: string;
  readonly expiresBefore?: string;
  readonly unusedFor?: string;
  readonly expired?: boolean;
  readonly allUsers?: boolean;
  readonly own?: boolean;
}

export type ListOptions = OptionsOf<
  SearchOptions & {
    readonly user?: string;
    readonly allPages?: boolean;
    readonly limit?: string;
    readonly marker?: string;
    readonly fingerprint?: FingerprintKind;
  }
>;

/** Shows the keypairs, as a page of the service or all of them, or those that a search finds. */
export async function listKeypairs(options: ListOptions): Promise<void> {
  const search = searchOf(options);
  if (search) return searchKeypairs(search, options);
  const { keypairs, more } = await withKeypairs(options, (each) =>
    withProgress(
      'Listing keypairs',
      (update) => each.list({ ...options, onPage: (count) => update(`Listing keypairs: ${count}`) }),
      options.quiet,
    ),
  );
  const rows = keypairs.map((keypair) => rowOf(keypair, options.fingerprint));
  await showPart(['Name', 'Type', 'Fingerprint'], rows, more, options);
}

function rowOf(keypair: Keypair, kind: FingerprintKind | undefined): Row {
  const { name, fingerprint, public_key: text, type } = keypair;
  const shown = kind === undefined ? fingerprint : fingerprintOf(text, kind);
  // Services before the microversion 2.2 return no type.
  return { Name: name, Type: type ?? typeOfText(text), Fingerprint: shown };
}

/** The search that the options describe, in the parameters of the API; undefined if they describe none. */
function searchOf(options: SearchOptions): Query | undefined {
  const { tag, expiresBefore, expired, allUsers, long, own, shared } = options;
  const search = {
    name_prefix: options.prefix,
    type: options.type,
    algorithm: options.algorithm,
    fingerprint: options.fingerprintIs,
    tag: tag?.map((each) => each.replace('=', ':')),
    older_than: options.olderThan,
    expires_before: expiresBefore === undefined ? undefined : readEnd(expiresBefore),
    unused_for: options.unusedFor,
    expired: expired ? 'true' : undefined,
    all_users: allUsers ? 'true' : undefined,
  };
  return long || own || shared || Object.values(search).some((value) => value !== undefined) ? search : undefined;
}

function readEnd(text: string): string {
  if (readTime(text) !== undefined) return text;
  throw new UsageError('--expires-before must be a time such as 2027-12-31, or 2027-12-31T00:00:00Z.');
}

const COLUMNS = ['Type', 'Fingerprint'];
const LONG_COLUMNS = [
  'Scope',
  'Type',
  'Algorithm',
  'Bits',
  'Fingerprint',
  'Created',
  'Expires',
  'Last Delivered',
  'Guests',
  'Tags',
];

async function searchKeypairs(search: Query, options: ListOptions): Promise<void> {
  const { records, more } = await withRecords(options, (each) =>
    withProgress('Searching keypairs', (update) => collectRecords(each, search, options, update), options.quiet),
  );
  const columns = ['Name', ...(options.allUsers ? ['User'] : []), ...(options.long ? LONG_COLUMNS : COLUMNS)];
  const rows = records.map((record) => recordRow(record, options.fingerprint));
  await showPart(columns, rows, more, options);
}

async function collectRecords(
  keypairs: KeypairRecords,
  search: Query,
  { limit, marker, allPages = false }: ListOptions,
  update: (text: string) => void,
): Promise<{ records: readonly KeypairRecord[]; more: boolean }> {
  const records: KeypairRecord[] = [];
  for await (const page of keypairs.pages({ ...search, limit, marker })) {
    records.push(...page.items);
    if (!allPages && records.length >= Number(limit ?? 1)) return { records, more: page.more };
    update(`Searching keypairs: ${records.length} found`);
  }
  return { records, more: false };
}

function recordRow(record: KeypairRecord, kind: FingerprintKind | undefined): Row {
  const { name, user_id: user, type, fingerprints, tags } = record;
  const known = fingerprints as Readonly<Record<string, string | undefined>>;
  return {
    Name: name,
    User: user,
    Scope: record.scope,
    Type: type,
    Algorithm: record.algorithm,
    Bits: record.bits,
    Fingerprint: kind === undefined ? record.fingerprint : known[kind],
    Created: record.created_at,
    Expires: record.expires_at,
    'Last Delivered': record.last_delivered_at,
    Guests: record.guests,
    Tags: Object.entries(tags)
      .map(([tag, value]) => `${tag}=${value}`)
      .join(', '),
  };
}
