import type { ClassConstructor } from 'class-transformer';
import type { ReplyForm } from '../http/reply-form.js';
import { History } from '../microversions/history.js';
import { ExactLimitsQuery, LimitsQuery } from './limits.dto.js';
import { limitNames } from './limits.view.js';
import { limitsReply } from './quotas.replies.js';
import { type Resource, RESOURCES, WITHOUT_FILES, WITHOUT_NETWORKS } from './resources.js';

/** What a microversion says of limits. */
export interface LimitsApi {
  readonly query: ClassConstructor<LimitsQuery>;
  readonly reply: ReplyForm;
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
    now: {
      query: LimitsQuery,
      reply: limitsReply('', limitNames(RESOURCES, true)),
      resources: RESOURCES,
      imageMeta: true,
    },
  },
  {
    from: '2.36',
    says: 'The limits of addresses and security groups are gone.',
    now: { reply: limitsReply('WithoutNetworks', limitNames(WITHOUT_NETWORKS, true)), resources: WITHOUT_NETWORKS },
  },
  {
    from: '2.39',
    says: '`maxImageMeta` is gone.',
    now: { reply: limitsReply('WithoutImages', limitNames(WITHOUT_NETWORKS, false)), imageMeta: false },
  },
  {
    from: '2.57',
    says: '`maxPersonality` and `maxPersonalitySize` are gone.',
    now: { reply: limitsReply('WithoutFiles', limitNames(WITHOUT_FILES, false)), resources: WITHOUT_FILES },
  },
  { from: '2.75', says: 'Query parameters that are not known are refused.', now: { query: ExactLimitsQuery } },
);
