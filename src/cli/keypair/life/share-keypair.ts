import type { OptionsOf } from '../../global-options.js';
import { projectOf, withKeypairs } from '../open-keypairs.js';
import { showKeypairRecord } from './show-record.js';

export type ShareOptions = OptionsOf<{
  readonly project?: string;
  readonly name?: string;
  readonly move?: boolean;
  readonly user?: string;
}>;

/** Gives a project a copy of a keypair, or the keypair itself. */
export async function shareKeypair(keypair: string, options: ShareOptions): Promise<void> {
  const { project, name, move } = options;
  const shared = await withKeypairs(options, (_, { compute, records }) =>
    records.share(keypair, {
      project_id: project ?? projectOf(compute),
      ...(name !== undefined && { name }),
      ...(move && { move }),
    }),
  );
  await showKeypairRecord(shared, options);
}
