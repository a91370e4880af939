import type { QuotaSet, Resource } from './resources.js';

/** What a response contains. */
export interface ShownLimits {
  readonly resources: readonly Resource[];
  /** Whether `maxImageMeta` repeats the limit of metadata. */
  readonly imageMeta: boolean;
}

type LimitNames = Partial<Record<Resource, string>>;

/** Nova's names for the limits (nova.api.openstack.compute.views.limits); clients index them. */
const LIMITS: LimitNames = {
  instances: 'maxTotalInstances',
  cores: 'maxTotalCores',
  ram: 'maxTotalRAMSize',
  metadata_items: 'maxServerMeta',
  injected_files: 'maxPersonality',
  injected_file_content_bytes: 'maxPersonalitySize',
  key_pairs: 'maxTotalKeypairs',
  server_groups: 'maxServerGroups',
  server_group_members: 'maxServerGroupMembers',
  floating_ips: 'maxTotalFloatingIps',
  security_groups: 'maxSecurityGroups',
  security_group_rules: 'maxSecurityGroupRules',
};

/** The members for use, which are all 0: this service has keypairs only, and Nova reports no use of those. */
const USED: LimitNames = {
  ram: 'totalRAMUsed',
  cores: 'totalCoresUsed',
  instances: 'totalInstancesUsed',
  floating_ips: 'totalFloatingIpsUsed',
  security_groups: 'totalSecurityGroupsUsed',
  server_groups: 'totalServerGroupsUsed',
};

/** The members of a response with these resources. */
export function limitNames(resources: readonly Resource[], imageMeta: boolean): string[] {
  const names = resources.flatMap((resource) => [LIMITS[resource] ?? [], USED[resource] ?? []].flat());
  return imageMeta ? [...names, 'maxImageMeta'] : names;
}

/** The limits of a project. Nova has had no rate limits since 2.1, but clients read the empty list. */
export function show(quotas: QuotaSet, api: ShownLimits): object {
  const absolute: Record<string, number> = {};
  for (const resource of api.resources) {
    const [limit, used] = [LIMITS[resource], USED[resource]];
    if (limit !== undefined) absolute[limit] = quotas[resource];
    if (used !== undefined) absolute[used] = 0;
  }
  if (api.imageMeta) absolute.maxImageMeta = quotas.metadata_items;
  return { limits: { rate: [], absolute } };
}
