import { DatedHistory } from './dated-history.js';

/** What a version of the OpenStack metadata holds. */
export interface OpenStackMetadata {
  /** 512 random bytes in base64, other ones in each answer. */
  readonly randomSeed: boolean;
  readonly password: boolean;
  readonly vendorData: boolean;
  readonly projectId: boolean;
  readonly networkData: boolean;
  readonly devices: boolean;
  readonly vendorData2: boolean;
  readonly dedicatedCpus: boolean;
}

/** Every version that Nova has (nova.api.metadata.base), oldest first. A row holds until a later one. */
export const openStackHistory = new DatedHistory<OpenStackMetadata>(
  {
    version: '2012-08-10',
    changes: 'meta_data.json and user_data.',
    now: {
      randomSeed: false,
      password: false,
      vendorData: false,
      projectId: false,
      networkData: false,
      devices: false,
      vendorData2: false,
      dedicatedCpus: false,
    },
  },
  {
    version: '2013-04-04',
    changes: 'The guest may leave a password. meta_data.json has a random_seed.',
    now: { randomSeed: true, password: true },
  },
  { version: '2013-10-17', changes: 'vendor_data.json.', now: { vendorData: true } },
  {
    version: '2015-10-15',
    changes: 'network_data.json. meta_data.json has the project_id.',
    now: { networkData: true, projectId: true },
  },
  { version: '2016-06-30', changes: 'meta_data.json has devices: those with tags, none here.', now: { devices: true } },
  { version: '2016-10-06', changes: 'vendor_data2.json.', now: { vendorData2: true } },
  { version: '2017-02-22', changes: 'Devices have a VLAN.', now: {} },
  { version: '2018-08-27', changes: 'Devices have vf_trusted: whether a virtual function is trusted.', now: {} },
  {
    version: '2020-10-14',
    changes: 'meta_data.json has dedicated_cpus: those that are pinned, none here.',
    now: { dedicatedCpus: true },
  },
  { version: '2025-04-04', changes: 'Devices may be shares.', now: {} },
);
