import type { QuotaSet, Resource } from './resources.js';

/** What an answer tells of. */
export interface ShownLimits {
  readonly resources: readonly Resource[];
  /** Whether the limit of metadata is told a second time, as that of images. */
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

/** What is told to be in use. There is none of it here, and of keypairs Nova tells no number. */
const USED: LimitNames = {
  ram: 'totalRAMUsed',
  cores: 'totalCoresUsed',
  instances: 'totalInstancesUsed',
  floating_ips: 'totalFloatingIpsUsed',
  security_groups: 'totalSecurityGroupsUsed',
  server_groups: 'totalServerGroupsUsed',
};

/** The names of the limits that are told of these resources. */
export function limitNames(resources: readonly Resource[], imageMeta: boolean): string[] {
  const names = resources.flatMap((resource) => [LIMITS[resource] ?? [], USED[resource] ?? []].flat());
  return imageMeta ? [...names, 'maxImageMeta'] : names;
}

/** The limits of a project. There have been no rate limits in Nova since 2.1, and clients look for the empty list. */
export function shown(quotas: QuotaSet, api: ShownLimits): object {
  const absolute: Record<string, number> = {};
  for (const resource of api.resources) {
    const [limit, used] = [LIMITS[resource], USED[resource]];
    if (limit !== undefined) absolute[limit] = quotas[resource];
    if (used !== undefined) absolute[used] = 0;
  }
  if (api.imageMeta) absolute.maxImageMeta = quotas.metadata_items;
  return { limits: { rate: [], absolute } };
}
