import { applyDecorators, Controller, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { BodyGuard } from '../http/shapes/body.guard.js';
import { IdentityGuard } from './identity.guard.js';

/** A controller of an API that Nova does not have, at a path under /v1 and without microversions; `tag` is its part in OpenAPI. */
export const V1Controller = (path: string, tag: string): ClassDecorator =>
  applyDecorators(Controller(path), UseGuards(IdentityGuard, BodyGuard), ApiTags(tag));
