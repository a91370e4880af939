import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { IdentityGuard } from '../identity/identity.guard.js';
import { MicroversionGuard } from './microversion.guard.js';
import { BodyGuard } from '../http/shapes/body.guard.js';
import { PathGuard } from './path.guard.js';
import { ProjectGuard } from './project.guard.js';

/**
 * A controller of Nova's API at the given path, with and without a project before it, under /v2.1 and /v2. Checks run in Nova's
 * order: token, route, version, body, project; then the shape and the service.
 */
export function NovaController(path: string): ClassDecorator {
  const paths = ['v2.1', 'v2'].flatMap((api) => [`${api}/${path}`, `${api}/:projectId/${path}`]);
  return applyDecorators(
    Controller(paths),
    UseGuards(IdentityGuard, PathGuard, MicroversionGuard, BodyGuard, ProjectGuard),
  );
}
