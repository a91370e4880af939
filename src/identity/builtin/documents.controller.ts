import { All, Get, HttpCode, Req } from '@nestjs/common';
import { RouteNotFound } from '../../errors/http-errors.js';
import type { ApiRequest } from '../../http/api-request.js';
import { BaseUrl } from '../../microversions/base-url.js';
import { IdentityController } from './identity-controller.js';
import * as show from './identity.view.js';

/**
 * The version documents of the Identity API. The openstack command asks for them before everything else, also where it needs
 * no token at all.
 */
@IdentityController('')
export class DocumentsController {
  constructor(private readonly baseUrl: BaseUrl) {}

  @Get()
  @HttpCode(300)
  all(@Req() request: ApiRequest): object {
    return { versions: { values: [show.version(this.baseUrl.of(request))] } };
  }

  @Get('v3')
  one(@Req() request: ApiRequest): object {
    return { version: show.version(this.baseUrl.of(request)) };
  }

  /** Whatever else is under /identity. */
  @All('*')
  other(): never {
    throw new RouteNotFound();
  }
}
