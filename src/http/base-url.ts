import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';

/** The base of links in responses. */
@Injectable()
export class BaseUrl {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /**
   * Scheme, host and port that the client reached the service under, without a slash at the end: `PUBLIC_URL`, or what the
   * request states. The adapter accepts X-Forwarded-Host and -Proto only from trusted proxies.
   */
  of(request: FastifyRequest): string {
    if (this.config.publicUrl !== undefined) return this.config.publicUrl;
    const host = request.protocol === 'https' ? request.host.replace(/:443$/, '') : request.host.replace(/:80$/, '');
    return `${request.protocol}://${host}`;
  }
}
