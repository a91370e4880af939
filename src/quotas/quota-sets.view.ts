import type { QuotaSetsApi } from './quota-sets.history.js';
import type { QuotaSet } from './resources.js';

/** The limits of a project, or of a user in it. */
export function shown(projectId: string, quotas: QuotaSet, api: QuotaSetsApi): object {
  return { quota_set: { id: projectId, ...limits(quotas, api) } };
}

/** The answer to a change; Nova leaves the id out of it. */
export function changed(quotas: QuotaSet, api: QuotaSetsApi): object {
  return { quota_set: limits(quotas, api) };
}

/** The limits with what is used of them: nothing, as Nova says of keypairs however many there are. */
export function detailed(projectId: string, quotas: QuotaSet, api: QuotaSetsApi): object {
  const details = api.resources.map((each) => [each, { in_use: 0, limit: quotas[each], reserved: 0 }]);
  return { quota_set: { id: projectId, ...Object.fromEntries(details) } };
}

function limits(quotas: QuotaSet, api: QuotaSetsApi): object {
  return Object.fromEntries(api.resources.map((each) => [each, quotas[each]]));
}
