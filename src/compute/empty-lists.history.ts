import type { ResponseForm } from '../http/shapes/response-form.js';
import { History } from '../nova/history.js';
import { NoAvailabilityZone, NoFlavor, NoServer, NoServerGroup, NoUsage } from './empty-lists.response.js';

/** What a microversion determines for the lists that are always empty. */
export interface EmptyListsApi {
  readonly serversReply: ResponseForm;
  readonly flavorsReply: ResponseForm;
  readonly serverGroupsReply: ResponseForm;
  readonly zonesReply: ResponseForm;
  readonly usagesReply: ResponseForm;
  readonly usageReply: ResponseForm;
}

/** Microversions change the entries of these lists, and there are none. */
export const emptyListsHistory = new History<EmptyListsApi>({
  from: '1.1',
  changes: 'Servers, flavors, server groups, availability zones and usage, of which there are none.',
  now: {
    serversReply: { servers: [NoServer] },
    flavorsReply: { flavors: [NoFlavor] },
    serverGroupsReply: { server_groups: [NoServerGroup] },
    zonesReply: { availabilityZoneInfo: [NoAvailabilityZone] },
    usagesReply: { tenant_usages: [NoUsage] },
    usageReply: { tenant_usage: NoUsage },
  },
});
