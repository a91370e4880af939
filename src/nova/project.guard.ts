import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { DomainError } from '../domain/domain-error.js';
import { excerpt } from '../domain/excerpt.js';
import type { ApiRequest } from '../http/api-request.js';

/** The project in the path is not the one that the token is for. */
class ProjectMismatch extends DomainError {
  constructor(inPath: string, ofCaller: string | undefined) {
    const context = ofCaller === undefined ? 'None' : ofCaller;
    super(
      'project-mismatch',
      `Malformed request URL: URL's project_id '${excerpt(inPath)}' doesn't match Context's project_id '${context}'`,
    );
  }
}

/** The project in the path, where there is one, must be the caller's, also for administrators. */
@Injectable()
export class ProjectGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<ApiRequest>();
    const { projectId } = request.params as Record<string, string | undefined>;
    if (projectId !== undefined && projectId !== request.caller?.projectId) {
      throw new ProjectMismatch(projectId, request.caller?.projectId);
    }
    return true;
  }
}
