import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { RouteNotFound } from '../http/faults/http-errors.js';
import type { ApiRequest } from '../http/api-request.js';

/** What Nova takes as a project in a path. */
const PROJECT = /^[0-9a-f-]+$/;

/**
 * The last word on whether a path is a route. A parameter that holds an escaped slash is none, nor is a project of other
 * characters, but for the caller's own: identities without Keystone have ids such as `demo`.
 */
@Injectable()
export class PathGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const parameters = request.params as Record<string, string>;
    if (Object.values(parameters).some((value) => value.includes('/'))) throw new RouteNotFound();
    const { projectId } = parameters;
    if (projectId !== undefined && !PROJECT.test(projectId) && projectId !== request.caller?.projectId) {
      throw new RouteNotFound();
    }
    return true;
  }
}
