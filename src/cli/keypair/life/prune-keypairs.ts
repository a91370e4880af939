import { UsageError } from '../../cli-error.js';
import { goneUsers } from '../../cloud/find-user.js';
import { withCompute } from '../../cloud/open-compute.js';
import type { OptionsOf } from '../../global-options.js';
import { printMessage } from '../../output/print.js';
import { withProgress } from '../../output/progress.js';
import { showList } from '../../output/show.js';
import { KeypairRecords, type Pruned, type PruneOrder } from './records.js';
import { withRecords } from '../open-keypairs.js';

type PruneOptions = OptionsOf<{
  readonly prefix?: string;
  readonly olderThan?: string;
  readonly unusedFor?: string;
  readonly expired?: boolean;
  readonly ownerGone?: boolean;
  readonly yes?: boolean;
  readonly user?: string;
  readonly shared?: boolean;
}>;

/** Deletes the keypairs that the options choose, or lists them without --yes. */
export async function pruneKeypairs(options: PruneOptions): Promise<void> {
  const { prefix, olderThan, unusedFor, expired, ownerGone, yes = false, quiet } = options;
  const order = {
    ...(prefix !== undefined && { name_prefix: prefix }),
    ...(olderThan !== undefined && { older_than: olderThan }),
    ...(unusedFor !== undefined && { unused_for: unusedFor }),
    ...(expired && { expired }),
  };
  if (Object.keys(order).length === 0 && !ownerGone) {
    throw new UsageError('Name at least one of --prefix, --older-than, --unused-for, --expired and --owner-gone.');
  }
  if (ownerGone && (options.user !== undefined || options.shared)) {
    throw new UsageError('--owner-gone looks at the keypairs of all users; leave out --user and --shared.');
  }
  const prune = ownerGone ? pruneOwnerless : pruneOwn;
  const { deleted, kept } = await withProgress(
    'Pruning keypairs',
    (update) => prune(options, { ...order, dry_run: !yes }, update),
    quiet,
  );
  const done = yes ? 'deleted' : 'would be deleted';
  await showList(
    [...(ownerGone ? ['User ID'] : []), 'Name', 'Outcome'],
    [
      ...deleted.map(({ name, userId }) => ({ 'User ID': userId, Name: name, Outcome: done })),
      ...kept.map(({ name, userId, reason }) => ({ 'User ID': userId, Name: name, Outcome: `kept: ${reason}` })),
    ],
    options,
  );
  if (yes || deleted.length === 0 || quiet) return;
  const others = deleted.length < MAX_PRUNED ? '' : ', and all others that follow';
  printMessage(`Nothing was deleted yet; add --yes to delete them${others}.`);
}

/** The service deletes at most 1000 at once. */
const MAX_PRUNED = 1000;

/** What a prune did, with the users of --owner-gone. */
interface Outcome {
  readonly deleted: (Pruned['deleted'][number] & { readonly userId?: string })[];
  readonly kept: (Pruned['kept'][number] & { readonly userId?: string })[];
}

type Update = (text: string) => void;

function pruneOwn(options: PruneOptions, order: PruneOrder, update: Update): Promise<Outcome> {
  return withRecords(options, (records) => pruneAll(records, order, update));
}

/** Prunes the keypairs of all users whom the identity no longer has. */
function pruneOwnerless(options: PruneOptions, order: PruneOrder, update: Update): Promise<Outcome> {
  return withCompute(options, async (compute, http) => {
    const owners = new Set<string>();
    for await (const { items } of new KeypairRecords(compute, http).pages({ all_users: 'true' }))
      for (const { user_id: userId, project_id: projectId } of items) if (projectId === null) owners.add(userId);
    const outcome: Outcome = { deleted: [], kept: [] };
    for (const userId of await goneUsers([...owners], compute.access, http)) {
      const records = new KeypairRecords(compute, http, userId);
      // A prune needs a bound, and every keypair is older than this.
      const { deleted, kept } = await pruneAll(records, { older_than: '0h', ...order }, update);
      outcome.deleted.push(...deleted.map((each) => ({ ...each, userId })));
      outcome.kept.push(...kept.map((each) => ({ ...each, userId })));
    }
    return outcome;
  });
}

async function pruneAll(records: KeypairRecords, order: PruneOrder, update: Update): Promise<Outcome> {
  const deleted: Pruned['deleted'][number][] = [];
  for (;;) {
    const pruned = await records.prune(order);
    deleted.push(...pruned.deleted);
    if (order.dry_run || pruned.deleted.length < MAX_PRUNED) return { deleted, kept: [...pruned.kept] };
    update(`Pruning keypairs: ${deleted.length} deleted`);
  }
}
