/**
 * Nova's defaults (nova.conf.quota), with the limit of keypairs that is configured here; -1 is no limit. This service has keypairs
 * only; it stores the other limits for clients that read them.
 */
export const defaultQuotas = (keypairs: number) => ({
  cores: 20,
  fixed_ips: -1,
  floating_ips: -1,
  injected_file_content_bytes: 10_240,
  injected_file_path_bytes: 255,
  injected_files: 5,
  instances: 10,
  key_pairs: keypairs,
  metadata_items: 128,
  ram: 51_200,
  security_group_rules: -1,
  security_groups: -1,
  server_group_members: 10,
  server_groups: 10,
});

/** What Nova limits, in its names. */
export type Resource = keyof ReturnType<typeof defaultQuotas>;

/** A limit for each resource. */
export type QuotaSet = Readonly<Record<Resource, number>>;

/** Every resource. */
export const RESOURCES = Object.keys(defaultQuotas(0)) as Resource[];

const NETWORK_RESOURCES: readonly Resource[] = ['fixed_ips', 'floating_ips', 'security_group_rules', 'security_groups'];
const FILE_RESOURCES: readonly Resource[] = [
  'injected_file_content_bytes',
  'injected_file_path_bytes',
  'injected_files',
];

/** What is left without addresses and security groups, which are Neutron's. */
export const WITHOUT_NETWORKS = RESOURCES.filter((each) => !NETWORK_RESOURCES.includes(each));
/** What is left without files put into servers, too. */
export const WITHOUT_FILES = WITHOUT_NETWORKS.filter((each) => !FILE_RESOURCES.includes(each));
