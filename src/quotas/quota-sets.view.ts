import type { QuotaSetsApi } from './quota-sets.history.js';
import type { QuotaSet } from './resources.js';

/** The limits of a project, or of a user in it. */
export function show(projectId: string, quotas: QuotaSet, api: QuotaSetsApi): object {
  return { quota_set: { id: projectId, ...limits(quotas, api) } };
}

/** The response to a change, which in Nova has no id. */
export function showChanged(quotas: QuotaSet, api: QuotaSetsApi): object {
  return { quota_set: limits(quotas, api) };
}

/** The limits with their use, which is always 0: Nova reports no use of keypairs either. */
export function showDetails(projectId: string, quotas: QuotaSet, api: QuotaSetsApi): object {
  const details = api.resources.map((each) => [each, { in_use: 0, limit: quotas[each], reserved: 0 }]);
  return { quota_set: { id: projectId, ...Object.fromEntries(details) } };
}

function limits(quotas: QuotaSet, api: QuotaSetsApi): object {
  return Object.fromEntries(api.resources.map((each) => [each, quotas[each]]));
}
