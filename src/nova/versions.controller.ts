import { All, Controller, Inject, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { type ApiRequest, pathOf } from '../http/api-request.js';
import { withContract, Errors } from '../http/shapes/contract.js';
import { BaseUrl } from '../http/base-url.js';
import { MicroversionGuard } from './microversion.guard.js';
import { versionsApi } from './versions.response.js';
import { allVersions, choices, oneVersion } from './versions.view.js';

const { Response } = withContract(() => versionsApi);

/** Discovery. The documents need no token and answer every method. */
@Controller()
@ApiTags('versions')
export class VersionsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly baseUrl: BaseUrl,
  ) {}

  @All()
  @Response('allReply')
  @ApiOperation({ operationId: 'listVersions', summary: 'List the versions of the compute API' })
  all(@Req() request: ApiRequest): object {
    return allVersions(this.baseUrl.of(request), this.config.maxMicroversion);
  }

  @All('v2')
  @UseGuards(MicroversionGuard)
  @Response('oneReply')
  @ApiOperation({ operationId: 'showLegacyVersion', summary: 'Show the version without microversions' })
  legacy(@Req() request: ApiRequest): object {
    return oneVersion('v2', this.baseUrl.of(request), this.config.maxMicroversion);
  }

  @All('v2.1')
  @UseGuards(MicroversionGuard)
  @Response('oneReply')
  @Errors('malformed', 'unacceptable')
  @ApiOperation({ operationId: 'showCurrentVersion', summary: 'Show the version that has microversions' })
  current(@Req() request: ApiRequest): object {
    return oneVersion('v2.1', this.baseUrl.of(request), this.config.maxMicroversion);
  }

  /** Any other path that no version claims: Nova lists what it has, with 300. */
  @All('*')
  @ApiExcludeEndpoint()
  other(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): object {
    reply.status(300);
    return choices(pathOf(request), this.baseUrl.of(request), this.config.maxMicroversion);
  }
}
