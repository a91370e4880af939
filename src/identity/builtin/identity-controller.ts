import {
  applyDecorators,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdentityFaultFilter } from './identity-fault.filter.js';

/** Responses hold tokens and depend on the token: no cache may store them. */
@Injectable()
class IdentityHeaders implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    void reply.header('X-OpenStack-Request-Id', request.id);
    void reply.header('Vary', 'X-Auth-Token');
    void reply.header('Cache-Control', 'no-store');
    return true;
  }
}

/** A controller of the Identity API at a path under `/identity`, which may be empty. */
export function IdentityController(path: string): ClassDecorator {
  return applyDecorators(
    Controller(path === '' ? 'identity' : `identity/${path}`),
    UseGuards(IdentityHeaders),
    UseFilters(IdentityFaultFilter),
  );
}
