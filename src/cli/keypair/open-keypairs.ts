import type { KeypairType } from '../../domain/keypair-type.js';
import type { Compute } from '../cloud/compute.js';
import { PAIR_TYPES } from '../keys/pair-types.js';
import { findUser } from '../cloud/find-user.js';
import { withCompute } from '../cloud/open-compute.js';
import type { OptionsOf } from '../global-options.js';
import { Keypairs } from './keypairs.js';

/** The option that names another user. */
export type UserOption = OptionsOf<{ readonly user?: string }>;

/** What else is known where keypairs are. */
export interface Surroundings {
  readonly compute: Compute;
  /** The user whom the options name. */
  readonly userId: string | undefined;
}

/** Lets `use` work with the keypairs of the caller, or of the user that the options name. */
export function withKeypairs<T>(
  options: UserOption,
  use: (keypairs: Keypairs, surroundings: Surroundings) => Promise<T>,
): Promise<T> {
  return withCompute(options, async (compute, http) => {
    const userId = options.user === undefined ? undefined : await findUser(options.user, compute.access, http);
    return use(new Keypairs(compute, userId), { compute, userId });
  });
}

/** Refuses a type that the service is too old for. */
export function requireType(compute: Compute, type: KeypairType): void {
  const { since, title } = PAIR_TYPES[type];
  if (since !== undefined) compute.require(since, title);
}
