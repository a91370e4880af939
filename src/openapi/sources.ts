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

/** The parts of a document besides the routes. */
export interface DocumentSource {
  /** It is served at `/openapi/NAME.json`. */
  readonly name: string;
  /** What readers choose it by. */
  readonly title: string;
  readonly version: string;
  readonly about: string;
  /** The prefix of its routes; routes with another project or tag in front are omitted. */
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
    ? `The compute API from microversion ${version} on, up to the next document.`
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
      'Keypairs with versions, expiry, tags, protection and search, in addition to os-keypairs. Only Latchkey has this API. Changes can be ' +
      'conditional on If-Match and If-None-Match (RFC 9110, section 13); the ETag is the version.',
    parts: {
      'keypair records': { about: 'Keypairs and their life cycle, by owner and name.', contract: recordsApi },
    },
  },
  {
    ...V1,
    name: 'guests',
    title: 'Guests',
    about: 'Guests with their keypairs and metadata. Only Latchkey has this API.',
    parts: {
      guests: { about: 'The guests that the metadata service and config drives describe.', contract: guestsApi },
    },
  },
  {
    ...V1,
    name: 'ssh-certificates',
    title: 'SSH certificates',
    about:
      'An SSH certificate authority, available if SSH_CA is on: certificates that are valid for some hours and that registered guests accept. ' +
      'Only Latchkey has this API.',
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
      'One event for each change to keypairs, guests, SSH certificates, quotas and application credentials, kept for EVENTS_KEEP. Only ' +
      'Latchkey has this API.',
    parts: {
      events: { about: 'What was changed, by whom, and by which request.', contract: eventsApi },
    },
  },
  {
    ...V1,
    name: 'webhooks',
    title: 'Webhooks',
    about: 'Delivery of events to URLs, signed according to Standard Webhooks. Only Latchkey has this API.',
    parts: {
      webhooks: { about: 'Webhooks and their deliveries, for one project or for all.', contract: webhooksApi },
    },
  },
  {
    name: 'identity',
    title: 'Identity (built in)',
    version: '3.14',
    about:
      'The part of the Identity API that clients need, available if AUTH_MODE is builtin. If it is http_basic or none, only the ' +
      'version documents are available.',
    server: '/identity',
    parts: {
      'identity versions': { about: 'The version documents, which clients read first.', contract: identityApi },
      tokens: { about: 'Log-in, and validation of tokens.', contract: identityApi },
      'application credentials': {
        about: 'Credentials for programs: no password of a user, a subset of the roles, and revocable at any time.',
        contract: identityApi,
      },
      administration: {
        about: 'Changes to users, projects and roles, for administrators; available if IDENTITY_STORE is database.',
        contract: identityApi,
      },
      directory: {
        about: 'Users, projects and roles: administrators see all of them, other users their own.',
        contract: identityApi,
      },
    },
    form: IDENTITY_FORM,
  },
  {
    name: 'versions',
    title: 'Versions',
    version: '2.1',
    about: 'The versions of the service; no token required. Any path outside the APIs returns 300 with these choices.',
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
    parts: { probes: { about: 'Compatible with the health check of oslo.middleware.', contract: probesApi } },
    form: PROBES_FORM,
  },
];
