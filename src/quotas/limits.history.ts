import type { ClassConstructor } from 'class-transformer';
import type { ResponseForm } from '../http/shapes/response-form.js';
import { History } from '../nova/history.js';
import { ExactLimitsQuery, LimitsQuery } from './limits.dto.js';
import { limitNames, type ShownLimits } from './limits.view.js';
import { limitsReply } from './quotas.response.js';
import { RESOURCES, WITHOUT_FILES, WITHOUT_NETWORKS } from './resources.js';

/** What a microversion determines for limits. */
export interface LimitsApi extends ShownLimits {
  readonly query: ClassConstructor<LimitsQuery>;
  readonly reply: ResponseForm;
}

/** Every change a client can see, oldest first. A row describes a change and holds until a later row. */
export const limitsHistory = new History<LimitsApi>(
  {
    from: '1.1',
    changes: 'The API at /v2, which has no microversions.',
    now: {
      query: LimitsQuery,
      reply: limitsReply('', limitNames(RESOURCES, true)),
      resources: RESOURCES,
      imageMeta: true,
    },
  },
  {
    from: '2.36',
    changes: 'The limits of addresses and security groups are removed.',
    now: { reply: limitsReply('WithoutNetworks', limitNames(WITHOUT_NETWORKS, true)), resources: WITHOUT_NETWORKS },
  },
  {
    from: '2.39',
    changes: '`maxImageMeta` is removed.',
    now: { reply: limitsReply('WithoutImages', limitNames(WITHOUT_NETWORKS, false)), imageMeta: false },
  },
  {
    from: '2.57',
    changes: '`maxPersonality` and `maxPersonalitySize` are removed.',
    now: { reply: limitsReply('WithoutFiles', limitNames(WITHOUT_FILES, false)), resources: WITHOUT_FILES },
  },
  { from: '2.75', changes: 'Unknown query parameters are refused.', now: { query: ExactLimitsQuery } },
);
