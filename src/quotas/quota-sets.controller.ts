import { Delete, Get, HttpCode, Param, Put, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { DomainError } from '../domain/domain-error.js';
import type { ApiRequest } from '../http/api-request.js';
import { Errors } from '../http/shapes/contract.js';
import type { Caller } from '../domain/caller.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { requirePolicy } from '../policy/policy.js';
import { NovaController } from '../nova/nova-controller.js';
import { versioned } from '../nova/versioned.js';
import { Audit } from '../audit/audit.js';
import { type LegacyQuotaSet, type QuotaQuery, isYes } from './quota-sets.dto.js';
import { type QuotaSetsApi, quotaSetsHistory } from './quota-sets.history.js';
import * as view from './quota-sets.view.js';
import { QuotaOwner, QuotasService } from './quotas.service.js';
import type { QuotaSet } from './resources.js';

const { CurrentApi, Response, ShapedBody, ShapedQuery } = versioned(quotaSetsHistory);

/** The request sets a quota of networks, which this service does not have. */
class NetworksDisabled extends DomainError {
  constructor() {
    super('networks-quota-disabled', 'The networks quota is disabled');
  }
}

/** Limits that administrators set, of any project, regardless of the project in front of the path. */
@NovaController('os-quota-sets')
@ApiTags('quota sets')
export class QuotaSetsController {
  constructor(
    private readonly quotas: QuotasService,
    private readonly audit: Audit,
  ) {}

  @Get(':id')
  @Response('showReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'showQuotaSet', summary: 'Show the limits of a project, or of a user in it' })
  async show(
    @CurrentApi() api: QuotaSetsApi,
    @CurrentCaller() caller: Caller,
    @ShapedQuery('query') query: QuotaQuery,
    @Param('id') id: string,
  ): Promise<object> {
    requirePolicy(caller, 'os_compute_api:os-quota-sets:show', { projectId: id });
    return view.show(id, await this.quotas.show(ownerOf(id, query)), api);
  }

  @Get(':id/detail')
  @Response('detailReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'detailQuotaSet', summary: 'Show the limits and their usage' })
  async detail(
    @CurrentApi() api: QuotaSetsApi,
    @CurrentCaller() caller: Caller,
    @ShapedQuery('query') query: QuotaQuery,
    @Param('id') id: string,
  ): Promise<object> {
    requirePolicy(caller, 'os_compute_api:os-quota-sets:detail', { projectId: id });
    return view.showDetails(id, await this.quotas.show(ownerOf(id, query)), api);
  }

  @Get(':id/defaults')
  @Response('showReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'defaultQuotaSet', summary: 'Show the default limits' })
  defaults(@CurrentApi() api: QuotaSetsApi, @CurrentCaller() caller: Caller, @Param('id') id: string): object {
    requirePolicy(caller, 'os_compute_api:os-quota-sets:defaults', { projectId: id });
    return view.show(id, this.quotas.defaults(), api);
  }

  @Put(':id')
  @Response('changeReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'changeQuotaSet', summary: 'Set limits of a project, or of a user in it' })
  async change(
    @CurrentApi() api: QuotaSetsApi,
    @CurrentCaller() caller: Caller,
    @ShapedBody('changeBody') quotaSet: LegacyQuotaSet,
    @ShapedQuery('query') query: QuotaQuery,
    @Param('id') id: string,
    @Req() request: ApiRequest,
  ): Promise<object> {
    requirePolicy(caller, 'os_compute_api:os-quota-sets:update', { projectId: id });
    const { force, networks, ...limits } = quotaSet;
    if (networks !== undefined) throw new NetworksDisabled();
    const quotas = await this.quotas.change(ownerOf(id, query), asNumbers(limits), isYes(force), caller);
    this.audit.record(request, { action: 'quota.change', owner: id, name: ownerOf(id, query).userId ?? '' });
    return view.showChanged(quotas, api);
  }

  @Delete(':id')
  @Errors('forbidden')
  @ApiOperation({
    operationId: 'resetQuotaSet',
    summary: 'Reset the limits of a project, or of a user in it, to the defaults',
  })
  @HttpCode(202)
  async reset(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('query') query: QuotaQuery,
    @Param('id') id: string,
    @Req() request: ApiRequest,
  ): Promise<void> {
    requirePolicy(caller, 'os_compute_api:os-quota-sets:delete', { projectId: id });
    await this.quotas.reset(ownerOf(id, query), caller);
    this.audit.record(request, { action: 'quota.reset', owner: id, name: ownerOf(id, query).userId ?? '' });
  }
}

function ownerOf(projectId: string, query: QuotaQuery): QuotaOwner {
  return new QuotaOwner(
    projectId,
    query.user_id?.find((each) => each !== ''),
  );
}

function asNumbers(limits: Omit<LegacyQuotaSet, 'force' | 'networks'>): Partial<QuotaSet> {
  return Object.fromEntries(Object.entries(limits).map(([resource, limit]) => [resource, Number(limit)]));
}
