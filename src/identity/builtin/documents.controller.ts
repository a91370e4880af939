import { All, Get, HttpCode, Req } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteNotFound } from '../../http/faults/http-errors.js';
import type { ApiRequest } from '../../http/api-request.js';
import { withContract } from '../../http/shapes/contract.js';
import { BaseUrl } from '../../http/base-url.js';
import { identityApi } from './identity.contract.js';
import { IdentityController } from './identity-controller.js';
import * as show from './identity.view.js';

const { Response } = withContract(() => identityApi);

/**
 * The version documents of the Identity API. The openstack command requests them before anything else, even if it needs no token.
 */
@IdentityController('')
@ApiTags('identity versions')
export class DocumentsController {
  constructor(private readonly baseUrl: BaseUrl) {}

  @Get()
  @HttpCode(300)
  @Response('versionsReply')
  @ApiOperation({ operationId: 'listIdentityVersions', summary: 'List the versions of the Identity API' })
  all(@Req() request: ApiRequest): object {
    return { versions: { values: [show.version(this.baseUrl.of(request))] } };
  }

  @Get('v3')
  @Response('versionReply')
  @ApiOperation({ operationId: 'showIdentityVersion', summary: 'Show the version of the Identity API' })
  one(@Req() request: ApiRequest): object {
    return { version: show.version(this.baseUrl.of(request)) };
  }

  /** All other paths under /identity. */
  @All('*')
  @ApiExcludeEndpoint()
  other(): never {
    throw new RouteNotFound();
  }
}
