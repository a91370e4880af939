import { UsageError } from '../../cli-error.js';
import type { OptionsOf } from '../../global-options.js';
import { printMessage } from '../../output/print.js';
import { withProgress } from '../../output/progress.js';
import { showList } from '../../output/show.js';
import type { KeypairRecords, Pruned, PruneOrder } from './records.js';
import { withRecords } from '../open-keypairs.js';

export type PruneOptions = OptionsOf<{
  readonly prefix?: string;
  readonly olderThan?: string;
  readonly unusedFor?: string;
  readonly expired?: boolean;
  readonly yes?: boolean;
  readonly user?: string;
  readonly shared?: boolean;
}>;

/** Deletes the keypairs that the options choose, or lists them without --yes. */
export async function pruneKeypairs(options: PruneOptions): Promise<void> {
  const { prefix, olderThan, unusedFor, expired, yes = false, quiet } = options;
  const order = {
    ...(prefix !== undefined && { name_prefix: prefix }),
    ...(olderThan !== undefined && { older_than: olderThan }),
    ...(unusedFor !== undefined && { unused_for: unusedFor }),
    ...(expired && { expired }),
  };
  if (Object.keys(order).length === 0) {
    throw new UsageError('Name at least one of --prefix, --older-than, --unused-for and --expired.');
  }
  const { deleted, kept } = await withRecords(options, (records) =>
    withProgress('Pruning keypairs', (update) => pruneAll(records, { ...order, dry_run: !yes }, update), quiet),
  );
  const done = yes ? 'deleted' : 'would be deleted';
  await showList(
    ['Name', 'Outcome'],
    [
      ...deleted.map(({ name }) => ({ Name: name, Outcome: done })),
      ...kept.map(({ name, reason }) => ({ Name: name, Outcome: `kept: ${reason}` })),
    ],
    options,
  );
  if (yes || deleted.length === 0 || quiet) return;
  const others = deleted.length < MAX_PRUNED ? '' : ', and all others that follow';
  printMessage(`Nothing was deleted yet; add --yes to delete them${others}.`);
}

/** The service deletes at most 1000 at once. */
const MAX_PRUNED = 1000;

async function pruneAll(records: KeypairRecords, order: PruneOrder, update: (text: string) => void): Promise<Pruned> {
  const deleted: Pruned['deleted'][number][] = [];
  for (;;) {
    const pruned = await records.prune(order);
    deleted.push(...pruned.deleted);
    if (order.dry_run || pruned.deleted.length < MAX_PRUNED) return { deleted, kept: pruned.kept };
    update(`Pruning keypairs: ${deleted.length} deleted`);
  }
}
