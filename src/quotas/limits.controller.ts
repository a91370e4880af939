import { Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Errors } from '../http/shapes/contract.js';
import type { Caller } from '../domain/caller.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { requirePolicy } from '../policy/policy.js';
import { NovaController } from '../nova/nova-controller.js';
import { versioned } from '../nova/versioned.js';
import type { LimitsQuery } from './limits.dto.js';
import { type LimitsApi, limitsHistory } from './limits.history.js';
import * as view from './limits.view.js';
import { QuotaOwner, QuotasService } from './quotas.service.js';
import type { QuotaSet } from './resources.js';

const { CurrentApi, Response, ShapedQuery } = versioned(limitsHistory);

/** The limits of the caller's project, which Horizon and novaclient read before they offer to create anything. */
@NovaController('limits')
@ApiTags('limits')
export class LimitsController {
  constructor(private readonly quotas: QuotasService) {}

  @Get()
  @Response('reply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'showLimits', summary: 'Show the limits of a project' })
  async show(
    @CurrentApi() api: LimitsApi,
    @CurrentCaller() caller: Caller,
    @ShapedQuery('query') query: LimitsQuery,
  ): Promise<object> {
    requirePolicy(caller, 'os_compute_api:limits', { projectId: caller.projectId ?? '' });
    const other = query.tenant_id?.at(-1);
    if (other !== undefined) requirePolicy(caller, 'os_compute_api:limits:other_project', { projectId: other });
    return view.show(await this.limitsOf(other ?? caller.projectId), api);
  }

  /** A token without a project has the default limits. */
  private async limitsOf(projectId: string | undefined): Promise<QuotaSet> {
    return projectId ? this.quotas.show(new QuotaOwner(projectId, undefined)) : this.quotas.defaults();
  }
}
