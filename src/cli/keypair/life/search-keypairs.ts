import { readTime } from '../../../domain/utc-time.js';
import { UsageError } from '../../cli-error.js';
import type { OptionsOf } from '../../global-options.js';
import type { FingerprintKind } from '../../keys/fingerprints.js';
import { printMessage } from '../../output/print.js';
import { withProgress } from '../../output/progress.js';
import { type Row, showList } from '../../output/show.js';
import type { KeypairRecord, KeypairRecords, RecordSearch } from './records.js';
import { withRecords } from '../open-keypairs.js';

/** The options by which keypairs are searched. */
export interface SearchOptions {
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
    readonly shared?: boolean;
    readonly allPages?: boolean;
    readonly limit?: string;
    readonly marker?: string;
    readonly fingerprint?: FingerprintKind;
    readonly long?: boolean;
  }
>;

/** The search that the options describe, in the parameters of the API; undefined if they describe none. */
export function searchOf(
  options: SearchOptions & { readonly long?: boolean; readonly shared?: boolean },
): RecordSearch | undefined {
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

/** Shows the keypairs that a search finds. */
export async function searchKeypairs(search: RecordSearch, options: ListOptions): Promise<void> {
  const { records, more } = await withRecords(options, (each) =>
    withProgress('Searching keypairs', (update) => collectRecords(each, search, options, update), options.quiet),
  );
  const owner = options.allUsers ? ['User'] : [];
  const columns = options.long
    ? [
        'Name',
        ...owner,
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
      ]
    : ['Name', ...owner, 'Type', 'Fingerprint'];
  await showList(
    columns,
    records.map((record) => rowOf(record, options.fingerprint)),
    options,
  );
  if (more && !options.quiet && options.limit === undefined) {
    printMessage('There are more; add --all-pages to see them all.');
  }
}

async function collectRecords(
  keypairs: KeypairRecords,
  search: RecordSearch,
  { limit, marker, allPages = false }: ListOptions,
  update: (text: string) => void,
): Promise<{ records: readonly KeypairRecord[]; more: boolean }> {
  const records: KeypairRecord[] = [];
  for await (const page of keypairs.pages({ ...search, limit, marker })) {
    records.push(...page.records);
    if (!allPages && records.length >= Number(limit ?? 1)) return { records, more: page.more };
    update(`Searching keypairs: ${records.length} found`);
  }
  return { records, more: false };
}

function rowOf(record: KeypairRecord, kind: FingerprintKind | undefined): Row {
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
