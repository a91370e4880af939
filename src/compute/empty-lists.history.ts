import type { ResponseForm } from '../http/shapes/response-form.js';
import { History } from '../nova/history.js';

/** Items of lists that are always empty, for OpenAPI. */
class NoServer {}
class NoFlavor {}
class NoServerGroup {}
class NoAvailabilityZone {}
class NoUsage {}

type Reply = `${'servers' | 'flavors' | 'serverGroups' | 'zones' | 'usages' | 'usage'}Reply`;

/** Microversions change the entries of these lists, and there are none. */
export const emptyListsHistory = new History<Record<Reply, ResponseForm>>({
  from: '1.1',
  changes: 'Servers, flavors, server groups, availability zones and usage, all of them empty.',
  now: {
    serversReply: { servers: [NoServer] },
    flavorsReply: { flavors: [NoFlavor] },
    serverGroupsReply: { server_groups: [NoServerGroup] },
    zonesReply: { availabilityZoneInfo: [NoAvailabilityZone] },
    usagesReply: { tenant_usages: [NoUsage] },
    usageReply: { tenant_usage: NoUsage },
  },
});
