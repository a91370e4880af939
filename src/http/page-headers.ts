import { type CanActivate, type ExecutionContext, Injectable, type Type } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-cache',
};

/** What a page may do, beside running its own scripts and sending requests to its own service. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/**
 * A guard that sets the headers of a page and its files, including refusals. Users type passwords and tokens there, so only the
 * page's own script may run, and nothing may be sent elsewhere.
 */
export function pageHeaders(
  policies: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Type<CanActivate> {
  const headers = {
    ...HEADERS,
    ...more,
    'Content-Security-Policy': [...CONTENT_SECURITY_POLICY, ...policies].join('; '),
  };
  @Injectable()
  class PageHeaders implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      void context.switchToHttp().getResponse<FastifyReply>().headers(headers);
      return true;
    }
  }
  return PageHeaders;
}
