import { ApiQuery } from '@nestjs/swagger';
import { excerpt } from '../../../domain/excerpt.js';
import { badRequest, type KeystoneFault } from '../../../http/faults/keystone-fault.js';
import type { Query } from '../../../http/shapes/query.js';

/** Documents the query parameters that narrow a list down. */
export const NarrowedBy =
  (...names: readonly string[]): MethodDecorator =>
  (target, method, descriptor) => {
    for (const name of names) ApiQuery({ name, required: false, type: String })(target, method, descriptor);
  };

/** The attributes that Keystone filters each list by. An attribute that the entries lack leaves none of them. */
export const FILTERS = {
  users: ['name', 'domain_id', 'enabled', 'password_expires_at', 'idp_id', 'protocol_id', 'unique_id'],
  projects: ['name', 'domain_id', 'enabled', 'is_domain', 'parent_id', 'tags', 'tags-any', 'not-tags', 'not-tags-any'],
  domains: ['name', 'enabled'],
  groups: ['name', 'domain_id'],
  roles: ['name', 'domain_id'],
  application_credentials: ['name'],
  services: ['name', 'type'],
  endpoints: ['interface', 'service_id', 'region_id'],
  regions: ['parent_region_id'],
  credentials: ['user_id', 'type'],
  limits: ['service_id', 'region_id', 'resource_name', 'project_id', 'domain_id'],
  registered_limits: ['service_id', 'region_id', 'resource_name'],
} as const;

type Shown = Readonly<Record<string, unknown>>;
type Test = (item: Shown) => boolean;

/** Keystone's comparisons; with an i in front they ignore case. */
const COMPARISONS: ReadonlyMap<string, (text: string, part: string) => boolean> = new Map([
  ['contains', (text: string, part: string) => text.includes(part)],
  ['startswith', (text: string, part: string) => text.startsWith(part)],
  ['endswith', (text: string, part: string) => text.endsWith(part)],
  ['equals', (text: string, part: string) => text === part],
]);

const TAG_FILTERS: ReadonlyMap<string, (held: readonly string[], named: readonly string[]) => boolean> = new Map([
  ['tags', (held: readonly string[], named: readonly string[]) => named.every((tag) => held.includes(tag))],
  ['tags-any', (held: readonly string[], named: readonly string[]) => named.some((tag) => held.includes(tag))],
  ['not-tags', (held: readonly string[], named: readonly string[]) => !named.every((tag) => held.includes(tag))],
  ['not-tags-any', (held: readonly string[], named: readonly string[]) => !named.some((tag) => held.includes(tag))],
]);

/**
 * The filter of a list by its query. Parameters that are no filter of the list are ignored, as in Keystone. Throws a KeystoneFault,
 * 400, for an unknown comparison.
 */
export function filterOf(query: Query, attributes: readonly string[]): (item: object) => boolean {
  const tests = Object.entries(query).flatMap(([parameter, [value]]) => testOf(parameter, value, attributes));
  return (item) => tests.every((test) => test(item as Shown));
}

function testOf(parameter: string, value: string, attributes: readonly string[]): Test[] {
  const [attribute, comparison] = parameter.split(/__(.*)/s, 2);
  if (!attributes.includes(attribute)) return [];
  const tagFilter = TAG_FILTERS.get(parameter);
  if (tagFilter) return [({ tags }) => tagFilter(tags as readonly string[], value.split(','))];
  if (comparison === undefined) {
    return [({ [attribute]: shown }) => (typeof shown === 'boolean' ? shown === isTrue(value) : shown === value)];
  }
  const [, ignoresCase, kind] = /^(i?)(.*)$/s.exec(comparison)!;
  const compare = COMPARISONS.get(kind);
  if (!compare) throw unknownComparison(parameter);
  return [
    ({ [attribute]: shown }) =>
      typeof shown === 'string' &&
      (ignoresCase ? compare(shown.toLowerCase(), value.toLowerCase()) : compare(shown, value)),
  ];
}

/** As Keystone reads it: everything but these words is true, an empty value too. */
export function isTrue(value: string): boolean {
  return !['0', 'false', 'no', 'off', 'n', 'f'].includes(value.toLowerCase());
}

function unknownComparison(parameter: string): KeystoneFault {
  const known = [...COMPARISONS.keys()].join(', ');
  return badRequest(
    `The comparison in ${excerpt(parameter)} is not known. Use ${known}, or one of these with an i in front.`,
  );
}
