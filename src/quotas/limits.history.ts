import type { ClassConstructor } from 'class-transformer';
import { History } from '../microversions/history.js';
import { ExactLimitsQuery, LimitsQuery } from './limits.dto.js';
import { type Resource, RESOURCES, WITHOUT_FILES, WITHOUT_NETWORKS } from './resources.js';

/** What a microversion says of limits. */
export interface LimitsApi {
  readonly query: ClassConstructor<LimitsQuery>;
  /** The resources that the answer tells of. */
  readonly resources: readonly Resource[];
  /** Whether the limit of metadata is told a second time, as that of images. */
  readonly imageMeta: boolean;
}

/** Every change a client can see, oldest first. A row says what changed and holds until a later row. */
export const limitsHistory = new History<LimitsApi>(
  {
    from: '1.1',
    says: 'The API at /v2, which has no microversions.',
    now: { query: LimitsQuery, resources: RESOURCES, imageMeta: true },
  },
  {
    from: '2.36',
    says: 'The limits of addresses and security groups are gone.',
    now: { resources: WITHOUT_NETWORKS },
  },
  { from: '2.39', says: '`maxImageMeta` is gone.', now: { imageMeta: false } },
  {
    from: '2.57',
    says: '`maxPersonality` and `maxPersonalitySize` are gone.',
    now: { resources: WITHOUT_FILES },
  },
  { from: '2.75', says: 'Query parameters that are not known are refused.', now: { query: ExactLimitsQuery } },
);
