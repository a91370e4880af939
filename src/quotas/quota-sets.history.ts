import type { ClassConstructor } from 'class-transformer';
import type { ResponseForm } from '../http/shapes/response-form.js';
import type { Envelope } from '../http/shapes/shape.js';
import { History } from '../nova/history.js';
import {
  ExactQuotaQuery,
  inQuotaSet,
  LegacyQuotaSet,
  NewQuotaSet,
  QuotaQuery,
  QuotaSetWithoutFiles,
  QuotaSetWithoutNetworks,
} from './quota-sets.dto.js';
import { quotaSetReplies } from './quotas.response.js';
import { type Resource, RESOURCES, WITHOUT_FILES, WITHOUT_NETWORKS } from './resources.js';

/** What a microversion determines for quota sets. */
export interface QuotaSetsApi {
  readonly changeBody: Envelope<LegacyQuotaSet>;
  readonly query: ClassConstructor<QuotaQuery>;
  readonly showReply: ResponseForm;
  readonly detailReply: ResponseForm;
  readonly changeReply: ResponseForm;
  /** The resources in responses. */
  readonly resources: readonly Resource[];
}

/** Every change a client can see, oldest first. A row describes a change and holds until a later row. */
export const quotaSetsHistory = new History<QuotaSetsApi>(
  {
    from: '1.1',
    changes: 'The API at /v2, which has no microversions. Unknown properties are ignored.',
    now: {
      changeBody: inQuotaSet(LegacyQuotaSet),
      query: QuotaQuery,
      ...quotaSetReplies('', RESOURCES),
      resources: RESOURCES,
    },
  },
  {
    from: '2.1',
    changes: 'First version. Unknown properties are refused.',
    now: { changeBody: inQuotaSet(NewQuotaSet) },
  },
  {
    from: '2.36',
    changes: 'The limits of addresses and security groups are removed.',
    now: {
      changeBody: inQuotaSet(QuotaSetWithoutNetworks),
      ...quotaSetReplies('WithoutNetworks', WITHOUT_NETWORKS),
      resources: WITHOUT_NETWORKS,
    },
  },
  {
    from: '2.57',
    changes: 'The limits of injected files are removed.',
    now: {
      changeBody: inQuotaSet(QuotaSetWithoutFiles),
      ...quotaSetReplies('WithoutFiles', WITHOUT_FILES),
      resources: WITHOUT_FILES,
    },
  },
  { from: '2.75', changes: 'Unknown query parameters are refused.', now: { query: ExactQuotaQuery } },
);
