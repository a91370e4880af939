import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import type { ApiRequest } from '../http/api-request.js';
import { LEGACY_VERSION, type Microversion, PLAIN_LEGACY_VERSION, showMicroversion } from '../domain/microversion.js';
import { requestedVersion, VersionNotOffered } from './requested-version.js';

/**
 * Finds the microversion that counts for a request and says it in the answer's headers. /v2 knows no microversions: version
 * headers mean nothing there, and none are sent.
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
      // A version that is out of range is repeated to the client; one that cannot be read leaves no headers.
      if (error instanceof VersionNotOffered) announce(error.asked, reply);
      throw error;
    }
    announce(request.microversion, reply);
    return true;
  }
}

function announce(version: Microversion, reply: FastifyReply): void {
  const shown = showMicroversion(version);
  reply.header('OpenStack-API-Version', `compute ${shown}`);
  reply.header('X-OpenStack-Nova-API-Version', shown);
  reply.header('Vary', 'OpenStack-API-Version, X-OpenStack-Nova-API-Version');
}

function isLegacy(request: ApiRequest): boolean {
  return /^\/v2([/?]|$)/.test(request.url);
}
