import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config/config.js';
import { RouteNotFound } from '../http/faults/http-errors.js';
import type { ApiRequest } from '../http/api-request.js';
import { BaseUrl } from '../http/base-url.js';
import { requestedVersion } from '../nova/requested-version.js';
import { documentFor, writtenDocuments } from './documents.js';

/** The OpenAPI documents, without authentication: they reveal no more than the source. */
@ApiExcludeController()
@Controller()
export class OpenApiController {
  private readonly documents = writtenDocuments();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly baseUrl: BaseUrl,
  ) {}

  /** The document that holds at a microversion; without one, at the newest that is offered. */
  @Get('openapi.json')
  at(@Req() request: ApiRequest, @Query('microversion') microversion: string = 'latest'): OpenAPIObject {
    const version = requestedVersion({ 'x-openstack-nova-api-version': microversion }, this.config.maxMicroversion);
    return this.served(request, documentFor(version, this.documents.keys()));
  }

  /** A document by its name: `2.35.json`, `latest.json`, `v2.json`. */
  @Get('openapi/:file')
  named(@Req() request: ApiRequest, @Param('file') file: string): OpenAPIObject {
    if (file === 'latest.json') return this.at(request);
    return this.served(request, file.replace(/\.json$/, ''));
  }

  /** With the server's own address in it, so that what reads the document knows where to send requests. */
  private served(request: ApiRequest, name: string): OpenAPIObject {
    const document = this.documents.get(name);
    if (!document) throw new RouteNotFound();
    const base = this.baseUrl.of(request);
    const servers = document.servers?.map(({ url }) => ({ url: base + (url === '/' ? '' : url) }));
    return { ...document, servers };
  }
}
