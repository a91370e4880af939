import { Injectable } from '@nestjs/common';
import type { ApiRequest } from '../../../http/api-request.js';
import { BaseUrl } from '../../../http/base-url.js';
import { readQuery } from '../../../http/shapes/query.js';
import { FILTERS, filterOf } from './list-filter.js';

/** Answers with lists in Keystone's form. */
@Injectable()
export class Lists {
  constructor(private readonly baseUrl: BaseUrl) {}

  /** The URL of the service without a final slash. */
  base(request: ApiRequest): string {
    return this.baseUrl.of(request);
  }

  /** The entries that fit the query. Throws a KeystoneFault, 400, for a filter that cannot be applied. */
  filtered(request: ApiRequest, name: keyof typeof FILTERS, items: readonly object[]): object {
    return this.whole(request, name, items.filter(filterOf(readQuery(request.url), FILTERS[name])));
  }

  /** All entries. */
  whole(request: ApiRequest, name: string, items: readonly object[]): object {
    return { [name]: items, links: { next: null, self: this.self(request), previous: null } };
  }

  /** The URL of the request. */
  self(request: ApiRequest): string {
    return this.base(request) + request.url;
  }
}
