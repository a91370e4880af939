import { FIRST_MICROVERSION, type Microversion, showMicroversion } from '../domain/microversion.js';
import type { ListedVersion, VersionLink } from './versions.response.js';

/** The version documents, as Nova words them (nova.api.openstack.compute.versions). */

const MEDIA_TYPE = 'application/vnd.openstack.compute+json;version=';

function apiVersions(
  base: string,
  newest: Microversion,
): { path: string; media: string; version: Readonly<ListedVersion> }[] {
  const self = (path: string): VersionLink[] => [{ rel: 'self', href: `${base}/${path}/` }];
  return [
    {
      path: 'v2',
      media: `${MEDIA_TYPE}2`,
      version: {
        id: 'v2.0',
        status: 'SUPPORTED',
        version: '',
        min_version: '',
        updated: '2011-01-21T11:33:21Z',
        links: self('v2'),
      },
    },
    {
      path: 'v2.1',
      media: `${MEDIA_TYPE}2.1`,
      version: {
        id: 'v2.1',
        status: 'CURRENT',
        version: showMicroversion(newest),
        min_version: showMicroversion(FIRST_MICROVERSION),
        updated: '2013-07-23T11:33:21Z',
        links: self('v2.1'),
      },
    },
  ];
}

/** `GET /`. */
export function allVersions(base: string, newest: Microversion): { versions: Readonly<ListedVersion>[] } {
  return { versions: apiVersions(base, newest).map(({ version }) => version) };
}

/** `GET /v2/` and `GET /v2.1/`. */
export function oneVersion(api: 'v2' | 'v2.1', base: string, newest: Microversion): object {
  const { version, media } = apiVersions(base, newest).find(({ path }) => path === api)!;
  const describedBy: VersionLink = { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' };
  return {
    version: {
      ...version,
      links: [...version.links, describedBy],
      'media-types': [{ base: 'application/json', type: media }],
    },
  };
}

/** The 300 answer to a path that no version claims; `path` begins with a slash. */
export function choices(path: string, base: string, newest: Microversion): object {
  return {
    choices: apiVersions(base, newest).map((each) => ({
      id: each.version.id,
      status: each.version.status,
      links: [{ rel: 'self', href: `${base}/${each.path}${path}` }],
      'media-types': [{ base: 'application/json', type: each.media }],
    })),
  };
}
