import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { RouteNotFound } from '../http/faults/http-errors.js';
import type { ApiRequest } from '../http/api-request.js';

/** The characters of a project in a path, as in Nova's routes. */
const PROJECT = /^[0-9a-f-]+$/;

/**
 * Refuses paths that the router accepts and Nova does not: a parameter with an escaped slash, and a project with other characters
 * that is not the caller's own. Without Keystone, ids such as `demo` are valid.
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
