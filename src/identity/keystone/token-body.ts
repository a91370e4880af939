/** The part of Keystone's description of a token that is used. */
export interface KeystoneToken {
  readonly userId: string;
  readonly projectId: string | undefined;
  readonly roles: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly catalog: readonly CatalogEntry[];
}

interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly Endpoint[];
}

interface Endpoint {
  readonly url: string;
  readonly interface: string;
  readonly region: string | undefined;
}

type Fields = Record<string, unknown>;

/** Reads `{"token": {...}}`; undefined for any other value. */
export function readToken(body: unknown): KeystoneToken | undefined {
  const token = fields(fields(body)?.token);
  const userId = fields(token?.user)?.id;
  const expiresAt = typeof token?.expires_at === 'string' ? Date.parse(token.expires_at) : NaN;
  if (token === undefined || typeof userId !== 'string' || userId === '' || Number.isNaN(expiresAt)) return undefined;
  const projectId = fields(token.project)?.id;
  if (token.project !== undefined && (typeof projectId !== 'string' || projectId === '')) return undefined;
  return {
    userId,
    projectId: projectId as string | undefined,
    roles: list(token.roles).flatMap((role) => {
      const name = fields(role)?.name;
      return typeof name === 'string' ? [name] : [];
    }),
    expiresAt,
    catalog: list(token.catalog).map(entryOf),
  };
}

/** The URL of the first endpoint of a service, in the region if given. */
export function endpointOf(
  { catalog }: KeystoneToken,
  type: string,
  face: string,
  region: string | undefined,
): string | undefined {
  return catalog
    .filter((entry) => entry.type === type)
    .flatMap(({ endpoints }) => endpoints)
    .find((each) => each.interface === face && (region === undefined || each.region === region))?.url;
}

function entryOf(value: unknown): CatalogEntry {
  const entry = fields(value);
  return {
    type: String(entry?.type),
    endpoints: list(entry?.endpoints).flatMap((each) => {
      const endpoint = fields(each);
      if (typeof endpoint?.url !== 'string') return [];
      const region = endpoint.region_id ?? endpoint.region;
      return [
        {
          url: endpoint.url,
          interface: String(endpoint.interface),
          region: typeof region === 'string' ? region : undefined,
        },
      ];
    }),
  };
}

function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
