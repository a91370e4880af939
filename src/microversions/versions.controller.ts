import { All, Controller, Inject, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config/config.js';
import { type ApiRequest, pathOf } from '../http/api-request.js';
import { BaseUrl } from './base-url.js';
import { compareMicroversions, FIRST_MICROVERSION } from './microversion.js';
import { MicroversionGuard } from './microversion.guard.js';
import { allVersions, choices, oneVersion } from './versions.view.js';

/** Discovery. The documents need no token and answer every method. */
@Controller()
export class VersionsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly baseUrl: BaseUrl,
  ) {}

  @All()
  all(@Req() request: ApiRequest): object {
    return allVersions(this.baseUrl.of(request), this.config.maxMicroversion);
  }

  @All(['v2', 'v2.1'])
  @UseGuards(MicroversionGuard)
  one(@Req() request: ApiRequest): object {
    const api = compareMicroversions(request.microversion!, FIRST_MICROVERSION) < 0 ? 'v2' : 'v2.1';
    return oneVersion(api, this.baseUrl.of(request), this.config.maxMicroversion);
  }

  /** Any other path that no version claims: Nova lists what it has, with 300. */
  @All('*')
  other(@Req() request: ApiRequest, @Res({ passthrough: true }) reply: FastifyReply): object {
    reply.status(300);
    return choices(pathOf(request), this.baseUrl.of(request), this.config.maxMicroversion);
  }
}
