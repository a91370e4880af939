import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../domain/domain-error.js';
import type { ApiRequest } from '../http/api-request.js';
import { BaseUrl } from '../http/base-url.js';

/** A page of another site, or no page at all. */
class ForeignPage extends DomainError {
  constructor() {
    super('not-the-console', 'Only the page at /console may send requests here. Programs use the Identity API.');
  }
}

class UnsupportedContentType extends DomainError {
  constructor() {
    super('unsupported-media-type', 'Unsupported Content-Type. Send application/json.');
  }
}

/**
 * Accepts requests of the console's own page. Forms of other sites can send neither this Content-Type nor this Sec-Fetch-Site, so
 * they can neither log a visitor in nor out. Browsers without Sec-Fetch-Site send Origin with every method but GET and HEAD.
 */
@Injectable()
export class OwnPageGuard implements CanActivate {
  constructor(private readonly baseUrl: BaseUrl) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    void context.switchToHttp().getResponse<FastifyReply>().headers({
      'Cache-Control': 'no-store',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    });
    if (!this.isOwnPage(request)) throw new ForeignPage();
    const hasBody = request.method === 'POST' || request.method === 'PUT';
    if (hasBody && request.bodyType !== 'application/json') throw new UnsupportedContentType();
    return true;
  }

  private isOwnPage(request: ApiRequest): boolean {
    const { origin, host, 'sec-fetch-site': site } = request.headers;
    if (site !== undefined) return site === 'same-origin';
    if (origin === undefined || !URL.canParse(origin)) return false;
    return [host, new URL(this.baseUrl.of(request)).host].includes(new URL(origin).host);
  }
}
