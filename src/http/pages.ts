import { Inject, Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config/config.js';
import { type ApiRequest, pathOf } from './api-request.js';
import { BaseUrl } from './base-url.js';
import { isDigits, isEach, isLong, Optional, Strict } from './shapes/shape.js';

/** Which page of a list under /v1; what its marker is differs. If a parameter is repeated, its last value counts. */
@Strict()
export class PageQuery {
  @Optional(isEach(isLong(1, Infinity), isDigits)) limit?: string[];
}

/** A link to the next page, for OpenAPI. */
export class PageLink {
  @ApiProperty({ enum: ['next'] }) rel: string;
  @ApiProperty({ format: 'uri' }) href: string;
}

/** The member `NAME_links` of a list; absent without another page. */
export const linksOf = (name: string, next: string | undefined): object =>
  next === undefined ? {} : { [`${name}_links`]: [{ rel: 'next', href: next }] };

/** The last value of each parameter of a query. */
export function lastValues<Query extends object>(query: Query): { readonly [Name in keyof Query]?: string } {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, values]: [string, string[] | undefined]) =>
      values ? [[name, values.at(-1)]] : [],
    ),
  ) as { readonly [Name in keyof Query]?: string };
}

/** Parameters of a URL; those that are undefined are left out. */
type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How long pages are, and the links from one to the next. */
@Injectable()
export class Pages {
  constructor(
    private readonly baseUrl: BaseUrl,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The requested number of entries, which is at most MAX_LIMIT. Of very many digits Number() makes Infinity. */
  limit({ limit }: PageQuery): number {
    return Math.min(Number(limit?.at(-1) ?? this.config.maxLimit), this.config.maxLimit);
  }

  /** The URL of the page after one with these markers; undefined if that is not full, so that none follows. */
  next(request: ApiRequest, parameters: object, limit: number, markers: readonly string[]): string | undefined {
    const isFull = limit > 0 && markers.length === limit;
    return isFull ? this.after(request, parameters, { marker: markers.at(-1)! }) : undefined;
  }

  /** The URL of the page after a marker. Parameters keep their order, and a marker that is none of them is the last. */
  after(request: ApiRequest, parameters: object, markers: Readonly<Record<string, string>>): string {
    const query = new URLSearchParams(
      Object.entries(parameters as Parameters).flatMap(([name, values = []]) =>
        [values].flat().map((value): [string, string] => [name, value]),
      ),
    );
    for (const [name, marker] of Object.entries(markers)) query.set(name, marker);
    return `${this.baseUrl.of(request)}${pathOf(request)}?${query.toString()}`;
  }
}
