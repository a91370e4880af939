import { UsageError } from '../../cli-error.js';
import { Refused } from '../../cloud/refusal.js';
import type { OptionsOf } from '../../global-options.js';
import { type LifeOptions, lifeOf, readVersion } from './life-options.js';
import type { KeypairRecord, KeypairRecords, RecordChange } from './records.js';
import { showChanged } from '../show-keypairs.js';
import { projectOf, withKeypairs, withRecords } from '../open-keypairs.js';

type SetOptions = OptionsOf<
  LifeOptions & { readonly ifVersion?: string; readonly user?: string; readonly shared?: boolean }
>;

type UnsetOptions = OptionsOf<{
  readonly expires?: boolean;
  readonly tag?: readonly string[];
  readonly note?: boolean;
  readonly protect?: boolean;
  readonly ifVersion?: string;
  readonly user?: string;
  readonly shared?: boolean;
}>;

type Tags = Readonly<Record<string, string>>;

/** Tries of a change of tags that others change at the same time. */
const MAX_TRIES = 5;

/** Sets only what the options name. */
export async function setKeypair(name: string, options: SetOptions): Promise<void> {
  const { tags: added, ...change } = lifeOf(options);
  const edit = added ? (tags: Tags) => ({ ...tags, ...added }) : undefined;
  await changeRecord(name, change, edit, options);
}

/** Removes what the options name. */
export async function unsetKeypair(name: string, options: UnsetOptions): Promise<void> {
  const { expires, tag, note, protect } = options;
  const change = {
    ...(expires && { expires_at: null }),
    ...(note && { note: null }),
    ...(protect && { delete_protected: false }),
  };
  const edit =
    tag && ((tags: Tags) => Object.fromEntries(Object.entries(tags).filter(([each]) => !tag.includes(each))));
  await changeRecord(name, change, edit, options);
}

async function changeRecord(
  name: string,
  change: RecordChange,
  editTags: ((tags: Tags) => Tags) | undefined,
  options: SetOptions | UnsetOptions,
): Promise<void> {
  if (Object.keys(change).length === 0 && editTags === undefined) {
    throw new UsageError('Nothing is to be changed; see --help.');
  }
  const version = readVersion(options.ifVersion);
  const changed = await withRecords(options, (records) =>
    editTags ? changeTags(records, name, { change, editTags, version }) : records.change(name, change, version),
  );
  await showChanged(changed, options);
}

interface TagChange {
  readonly change: RecordChange;
  readonly editTags: (tags: Tags) => Tags;
  readonly version: number | undefined;
}

/** The API sets all tags at once, so a change of some is one of the version that was read. */
async function changeTags(records: KeypairRecords, name: string, order: TagChange, tries = 1): Promise<KeypairRecord> {
  const { change, editTags, version } = order;
  const record = await records.show(name);
  try {
    return await records.change(name, { ...change, tags: editTags(record.tags) }, version ?? record.version);
  } catch (error) {
    const isLost = error instanceof Refused && error.status === 412 && version === undefined;
    if (!isLost || tries >= MAX_TRIES) throw error;
    return changeTags(records, name, order, tries + 1);
  }
}

type ShareOptions = OptionsOf<{
  readonly project?: string;
  readonly name?: string;
  readonly move?: boolean;
  readonly user?: string;
}>;

/** Copies or moves a keypair to a project. */
export async function shareKeypair(keypair: string, options: ShareOptions): Promise<void> {
  const { project, name, move } = options;
  const shared = await withKeypairs(options, (_, { compute, records }) =>
    records.share(keypair, { project_id: project ?? projectOf(compute), name, move }),
  );
  await showChanged(shared, options);
}
