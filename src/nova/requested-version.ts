import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '../domain/domain-error.js';
import { excerpt } from '../domain/excerpt.js';
import {
  compareMicroversions,
  FIRST_MICROVERSION,
  type Microversion,
  readMicroversion,
  showMicroversion,
} from '../domain/microversion.js';

/** The version header is not a version. */
export class MalformedVersion extends DomainError {
  constructor(text: string, options?: ErrorOptions) {
    super(
      'invalid-version',
      `API Version String ${excerpt(text)} is of invalid format. Must be of format MajorNum.MinorNum.`,
      options,
    );
  }
}

/** The requested version is outside the offered range. */
export class VersionNotOffered extends DomainError {
  constructor(
    readonly requested: Microversion,
    newest: Microversion,
  ) {
    const range = `Minimum is ${showMicroversion(FIRST_MICROVERSION)} and maximum is ${showMicroversion(newest)}.`;
    super('version-not-offered', `Version ${showMicroversion(requested)} is not supported by the API. ${range}`);
  }
}

/**
 * The requested microversion: the oldest if the request names none, the newest offered one for `latest`.
 * Throws {@link MalformedVersion} or {@link VersionNotOffered}.
 */
export function requestedVersion(headers: IncomingHttpHeaders, newest: Microversion): Microversion {
  const text = versionText(headers);
  if (text === undefined) return FIRST_MICROVERSION;
  if (text === 'latest') return newest;
  const version = parseVersion(text);
  if (compareMicroversions(version, FIRST_MICROVERSION) < 0 || compareMicroversions(version, newest) > 0) {
    throw new VersionNotOffered(version, newest);
  }
  return version;
}

function parseVersion(text: string): Microversion {
  try {
    return readMicroversion(text);
  } catch (cause) {
    throw new MalformedVersion(text, { cause });
  }
}

/**
 * The service-typed header counts where it has an entry for compute, the last one of several; otherwise the older header
 * does, its last entry. The service's name ignores case (microversion-parse, which Nova reads both with).
 */
function versionText(headers: IncomingHttpHeaders): string | undefined {
  const typed = entries(headers['openstack-api-version'])
    .map((entry) => /^(\S+)\s+(\S.*)$/.exec(entry))
    .findLast((found) => found?.[1]?.toLowerCase() === 'compute');
  if (typed) return typed[2];
  return entries(headers['x-openstack-nova-api-version']).at(-1);
}

function entries(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return String(header)
    .split(',')
    .map((entry) => entry.trim());
}
