import type { KeypairType } from '../../domain/keypair-type.js';
import type { Compute } from '../cloud/compute.js';
import { UsageError } from '../cli-error.js';
import { PAIR_TYPES } from '../keys/pair-types.js';
import { findUser } from '../cloud/find-user.js';
import type { Http } from '../cloud/http.js';
import { withCompute } from '../cloud/open-compute.js';
import type { OptionsOf } from '../global-options.js';
import { Keypairs, type KeypairStore } from './keypairs.js';
import { KeypairRecords } from './life/records.js';

/** The options that say whose keypairs are used, if not the caller's: another user's, or those of the project. */
export type OwnerOptions = OptionsOf<{ readonly user?: string; readonly shared?: boolean }>;

/** What else is known where keypairs are. */
export interface Surroundings {
  readonly compute: Compute;
  readonly http: Http;
  /** The user whom the options name. */
  readonly userId: string | undefined;
  /** The keypairs with their life, which a Nova does not have. */
  readonly records: KeypairRecords;
}

/** Calls `use` with the keypairs of the caller, or of the owner that the options name. */
export function withKeypairs<T>(
  options: OwnerOptions,
  use: (keypairs: KeypairStore, surroundings: Surroundings) => Promise<T>,
): Promise<T> {
  return withCompute(options, async (compute, http) => {
    const userId = options.user === undefined ? undefined : await findUser(options.user, compute.access, http);
    const records = new KeypairRecords(compute, http, userId, options.shared ? projectOf(compute) : undefined);
    return use(options.shared ? records : new Keypairs(compute, userId), { compute, http, userId, records });
  });
}

/** Calls `use` with the keypairs and their life cycle; `owner` is the user, if known. */
export function withRecords<T>(
  options: OwnerOptions,
  use: (records: KeypairRecords, owner: string | undefined) => Promise<T>,
): Promise<T> {
  return withKeypairs(options, (_, { compute, userId, records }) => use(records, userId ?? compute.access.userId));
}

/** The project to work in. Throws UsageError. */
export function projectOf({ access: { projectId } }: Compute): string {
  if (projectId !== undefined) return projectId;
  throw new UsageError('The project is not known; name it with --os-project-id.');
}

/** Refuses a type that the service is too old for. */
export function requireType(compute: Compute, type: KeypairType): void {
  const { since, title } = PAIR_TYPES[type];
  if (since !== undefined) compute.require(since, title);
}
