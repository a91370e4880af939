import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import type { ApiRequest } from '../http/api-request.js';
import { LEGACY_VERSION, type Microversion, PLAIN_LEGACY_VERSION, showMicroversion } from '../domain/microversion.js';
import { requestedVersion, VersionNotOffered } from './requested-version.js';

/**
 * Determines the microversion of a request and returns it in the response headers. /v2 has no microversions: version headers
 * are ignored there, and none are returned.
 */
@Injectable()
export class MicroversionGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    if (isLegacy(request)) {
      request.microversion = this.config.extendedKeypairs ? LEGACY_VERSION : PLAIN_LEGACY_VERSION;
      return true;
    }
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    try {
      request.microversion = requestedVersion(request.headers, this.config.maxMicroversion);
    } catch (error) {
      // Nova returns a version that is out of range in the headers, and none for one that is malformed.
      if (error instanceof VersionNotOffered) setVersionHeaders(error.requested, reply);
      throw error;
    }
    setVersionHeaders(request.microversion, reply);
    return true;
  }
}

function setVersionHeaders(version: Microversion, reply: FastifyReply): void {
  const shown = showMicroversion(version);
  reply.header('OpenStack-API-Version', `compute ${shown}`);
  reply.header('X-OpenStack-Nova-API-Version', shown);
  reply.header('Vary', 'OpenStack-API-Version, X-OpenStack-Nova-API-Version');
}

function isLegacy(request: ApiRequest): boolean {
  return /^\/v2([/?]|$)/.test(request.url);
}
