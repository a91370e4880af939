import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { DomainError } from '../../domain/domain-error.js';
import type { ApiRequest } from '../api-request.js';
import { readJson } from './read-json.js';

/** The body is no JSON, or no UTF-8. */
class MalformedBody extends DomainError {
  constructor(options?: ErrorOptions) {
    super('invalid-json', 'Malformed request body', options);
  }
}

/** The Content-Type is not that of JSON. */
class UnsupportedContentType extends DomainError {
  constructor() {
    super('unsupported-media-type', 'Unsupported Content-Type');
  }
}

/** The types that Nova reads as JSON; case-sensitive. */
const JSON_TYPES = new Set(['', 'application/json', 'application/vnd.openstack.compute+json', 'text/plain']);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the body as JSON. No body at all is null. */
@Injectable()
export class BodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    if (request.method !== 'POST' && request.method !== 'PUT' && request.method !== 'PATCH') return true;
    if (!JSON_TYPES.has(request.bodyType ?? '')) throw new UnsupportedContentType();
    request.json = parse(request.body);
    return true;
  }
}

function parse(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return null;
  try {
    return readJson(utf8.decode(body));
  } catch (cause) {
    throw new MalformedBody({ cause });
  }
}
