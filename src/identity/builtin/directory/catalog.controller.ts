import { Get, Inject, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../../../config/config.js';
import { notFound } from '../../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../../http/api-request.js';
import { Errors, withContract } from '../../../http/shapes/contract.js';
import { Access } from '../access.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import type { IdentityEndpoint } from '../identity.response.js';
import * as show from '../identity.view.js';
import { FILTERS, NarrowedBy } from './list-filter.js';
import { Lists } from './lists.js';

const { Response } = withContract(() => identityApi);

/** What the catalog consists of: services, their endpoints and the region. */
@IdentityController('v3')
@ApiTags('directory')
export class CatalogController {
  constructor(
    private readonly access: Access,
    private readonly lists: Lists,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('auth/catalog')
  @Response('catalogReply')
  @ApiOperation({ operationId: 'showCatalog', summary: 'Show the service catalog' })
  async catalog(@Req() request: ApiRequest): Promise<object> {
    await this.access.holder(request);
    return { catalog: this.services(request), links: { self: this.lists.self(request) } };
  }

  @Get('services')
  @Response('servicesReply')
  @NarrowedBy(...FILTERS.services)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listServices', summary: 'List services' })
  async listServices(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_services');
    const services = this.services(request).map((each) => show.service(each, this.lists.base(request)));
    return this.lists.filtered(request, 'services', services);
  }

  @Get('services/:id')
  @Response('serviceReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showService', summary: 'Show a service' })
  async showService(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_service');
    const service = this.services(request).find((each) => each.id === id);
    if (!service) throw notFound(`service: ${id}`);
    return { service: show.service(service, this.lists.base(request)) };
  }

  @Get('endpoints')
  @Response('endpointsReply')
  @NarrowedBy(...FILTERS.endpoints)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listEndpoints', summary: 'List endpoints' })
  async listEndpoints(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_endpoints');
    return this.lists.filtered(request, 'endpoints', this.endpoints(request));
  }

  @Get('endpoints/:id')
  @Response('endpointReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showEndpoint', summary: 'Show an endpoint' })
  async showEndpoint(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_endpoint');
    const endpoint = this.endpoints(request).find((each) => each.id === id);
    if (!endpoint) throw notFound(`endpoint: ${id}`);
    return { endpoint };
  }

  @Get('regions')
  @Response('regionsReply')
  @NarrowedBy(...FILTERS.regions)
  @Errors('malformed')
  @ApiOperation({ operationId: 'listRegions', summary: 'List regions' })
  async listRegions(@Req() request: ApiRequest): Promise<object> {
    await this.access.holder(request);
    return this.lists.filtered(request, 'regions', [this.region(request)]);
  }

  @Get('regions/:id')
  @Response('regionReply')
  @Errors('not-found')
  @ApiOperation({ operationId: 'showRegion', summary: 'Show a region' })
  async showRegion(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.holder(request);
    if (id !== this.config.identityRegion) throw notFound(`region: ${id}`);
    return { region: this.region(request) };
  }

  private services(request: ApiRequest): show.Catalog {
    return show.catalog(this.lists.base(request), this.config.identityRegion);
  }

  private endpoints(request: ApiRequest): IdentityEndpoint[] {
    return this.services(request).flatMap((service) =>
      service.endpoints.map((each) => show.endpoint(service, each, this.lists.base(request))),
    );
  }

  private region(request: ApiRequest): object {
    return show.region(this.config.identityRegion, this.lists.base(request));
  }
}
