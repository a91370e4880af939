import { DatedHistory } from './dated-history.js';

/** What a version of the EC2 metadata holds in addition to the members of all versions. */
export interface Ec2Metadata {
  readonly localHostname: boolean;
  readonly instanceType: boolean;
  readonly blockDevices: boolean;
  readonly placement: boolean;
  readonly instanceAction: boolean;
}

/** Every version that Nova has (nova.api.metadata.base), oldest first. A row holds until a later one. */
export const ec2History = new DatedHistory<Ec2Metadata>(
  {
    version: '1.0',
    changes: 'Ids, hostname, local-ipv4, public-keys, security-groups and user-data.',
    now: { localHostname: false, instanceType: false, blockDevices: false, placement: false, instanceAction: false },
  },
  { version: '2007-01-19', changes: 'local-hostname, public-hostname and public-ipv4.', now: { localHostname: true } },
  { version: '2007-03-01', changes: 'Nothing that is known here.', now: {} },
  { version: '2007-08-29', changes: 'instance-type.', now: { instanceType: true } },
  { version: '2007-10-10', changes: 'Nothing that is known here.', now: {} },
  { version: '2007-12-15', changes: 'block-device-mapping.', now: { blockDevices: true } },
  { version: '2008-02-01', changes: 'placement/availability-zone.', now: { placement: true } },
  { version: '2008-09-01', changes: 'instance-action.', now: { instanceAction: true } },
  { version: '2009-04-04', changes: 'Nothing more.', now: {} },
);
