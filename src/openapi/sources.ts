import { webhooksApi } from '../webhooks/webhooks.contract.js';
import { eventsApi } from '../events/events.contract.js';
import { guestsApi } from '../guests/guests.contract.js';
import { recordsApi } from '../keypairs/records/records.contract.js';
import { identityApi } from '../identity/builtin/identity.contract.js';
import { compareMicroversions, FIRST_MICROVERSION, readMicroversion } from '../domain/microversion.js';
import { versionsApi } from '../nova/versions.response.js';
import { sshCertificatesApi } from '../ssh-certificates/ssh-certificates.contract.js';
import { probesApi } from '../operations/probes.contract.js';
import {
  type ApiConventions,
  computeForm,
  GUESTS_FORM,
  IDENTITY_FORM,
  PROBES_FORM,
  SSH_CERTIFICATES_FORM,
  VERSIONS_FORM,
} from './forms.js';
import { rowsAt, documentedVersions, documentName, PARTS } from './histories.js';

/** What a document is made of, beside the routes. */
export interface DocumentSource {
  /** It is served at `/openapi/NAME.json`. */
  readonly name: string;
  /** What readers choose it by. */
  readonly title: string;
  readonly version: string;
  readonly about: string;
  /** What its routes begin with; those with another project or tag in front are left out. */
  readonly server: string;
  readonly parts: Readonly<Record<string, SourcePart>>;
  readonly form: ApiConventions;
  /** The microversion that requests ask for. */
  readonly microversion?: string;
}

/** Operations with a tag follow this contract. */
interface SourcePart {
  readonly about: string;
  readonly contract: object;
}

/** Every document that is written and served: those of the compute API first, the newest of them before all. */
export function documentSources(): readonly DocumentSource[] {
  return [...documentedVersions().toReversed().map(computeSource), ...OTHERS];
}

function computeSource(version: string): DocumentSource {
  const microversion = readMicroversion(version);
  const hasMicroversions = compareMicroversions(microversion, FIRST_MICROVERSION) >= 0;
  const news = rowsAt(version).map(({ tag, row }) => `- ${tag}: ${row.changes}`);
  const about = hasMicroversions
    ? `The compute API from microversion ${version} on, until the next document.`
    : 'The compute API at /v2, which has no microversions.';
  return {
    name: documentName(version),
    title: computeTitle(version, hasMicroversions),
    version: hasMicroversions ? version : '2.0',
    about: `${about}\n\nWhat is new:\n\n${news.join('\n')}\n`,
    server: hasMicroversions ? '/v2.1' : '/v2',
    parts: Object.fromEntries(
      Object.entries(PARTS).map(([tag, { about: title, history }]) => [
        tag,
        { about: title, contract: history.at(microversion) },
      ]),
    ),
    form: computeForm(hasMicroversions),
    ...(hasMicroversions && { microversion: version }),
  };
}

function computeTitle(version: string, hasMicroversions: boolean): string {
  if (hasMicroversions) return `Compute, from microversion ${version}`;
  return version === '2.0' ? 'Compute at /v2' : 'Compute at /v2, without its extension';
}

/** APIs that only Latchkey has. */
const V1 = { version: '1', server: '/v1', form: GUESTS_FORM };

/** The APIs without microversions. */
const OTHERS: readonly DocumentSource[] = [
  {
    ...V1,
    name: 'v1-keypairs',
    title: 'Keypairs with a life',
    about:
      'Keypairs with versions, expiry, tags, protection and search, beside os-keypairs. Only Latchkey has this API. Changes are ' +
      'conditional with If-Match and If-None-Match (RFC 9110, section 13); the ETag is the version.',
    parts: {
      'keypair records': { about: 'The life of keypairs, by owner and name.', contract: recordsApi },
    },
  },
  {
    ...V1,
    name: 'guests',
    title: 'Guests',
    about: 'Guests, the keypairs they trust and their metadata. Only Latchkey has this API.',
    parts: {
      guests: { about: 'Guests as the metadata service and config drives describe them.', contract: guestsApi },
    },
  },
  {
    ...V1,
    name: 'ssh-certificates',
    title: 'SSH certificates',
    about:
      'A certificate authority for SSH: certificates of some hours that registered guests accept, where SSH_CA is on. Only Latchkey ' +
      'has this API.',
    parts: {
      'ssh certificates': {
        about: 'Signing, listing and revoking certificates, and what hosts need to check them.',
        contract: sshCertificatesApi,
      },
    },
    form: SSH_CERTIFICATES_FORM,
  },
  {
    ...V1,
    name: 'events',
    title: 'Events',
    about:
      'An event for each change of keypairs, guests, SSH certificates, quotas and application credentials, kept for EVENTS_KEEP. Only ' +
      'Latchkey has this API.',
    parts: {
      events: { about: 'Reading what was changed, by whom, and by which request.', contract: eventsApi },
    },
  },
  {
    ...V1,
    name: 'webhooks',
    title: 'Webhooks',
    about: 'URLs that events are sent to, signed as Standard Webhooks defines. Only Latchkey has this API.',
    parts: {
      webhooks: { about: 'Webhooks of a project, or of all, and what they are sent.', contract: webhooksApi },
    },
  },
  {
    name: 'identity',
    title: 'Identity (built in)',
    version: '3.14',
    about:
      'The part of the Identity API that clients need, where AUTH_MODE is builtin. Where it is http_basic or none, there are ' +
      'its version documents alone.',
    server: '/identity',
    parts: {
      'identity versions': { about: 'What clients look for first.', contract: identityApi },
      tokens: { about: 'Logging in, and the content of a token.', contract: identityApi },
      'application credentials': {
        about: 'Log-ins for programs: without the password of the user, with some of the roles, deleted at any time.',
        contract: identityApi,
      },
      administration: {
        about: 'Changing users, projects and roles: for administrators, and where the users are in the database.',
        contract: identityApi,
      },
      directory: {
        about: 'Users, projects and roles: all for administrators, their own for others.',
        contract: identityApi,
      },
    },
    form: IDENTITY_FORM,
  },
  {
    name: 'versions',
    title: 'Versions',
    version: '2.1',
    about:
      'What the service offers, for anybody. Any path that no API claims is answered 300, with these to choose from.',
    server: '/',
    parts: { versions: { about: 'The version documents of the compute API.', contract: versionsApi } },
    form: VERSIONS_FORM,
  },
  {
    name: 'probes',
    title: 'Probes',
    version: '1',
    about: 'Whether the service is alive and ready, for load balancers and supervisors.',
    server: '/',
    parts: { probes: { about: 'As the health check of oslo.middleware.', contract: probesApi } },
    form: PROBES_FORM,
  },
];
