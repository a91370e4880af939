import { Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ApiRequest } from '../../../http/api-request.js';
import { Errors, withContract } from '../../../http/shapes/contract.js';
import { Access, ownedBy } from '../access.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import { IdentityStore } from '../store/identity-store.js';
import { FILTERS, NarrowedBy } from './list-filter.js';
import { Lists } from './lists.js';

const { Response } = withContract(() => identityApi);

/** What a Keystone may have and this identity never has. Tools and dashboards list it before anything else. */
@IdentityController('v3')
@ApiTags('directory')
export class AbsentController {
  constructor(
    private readonly store: IdentityStore,
    private readonly access: Access,
    private readonly lists: Lists,
  ) {}

  @Get('groups')
  @Response('groupsReply')
  @NarrowedBy(...FILTERS.groups)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listGroups', summary: 'List groups (always empty)' })
  async groups(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_groups');
    return this.lists.filtered(request, 'groups', []);
  }

  @Get('users/:id/groups')
  @Response('groupsReply')
  @NarrowedBy(...FILTERS.groups)
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'listGroupsOfUser', summary: 'List the groups of a user (always empty)' })
  async groupsOfUser(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:list_groups_for_user', ownedBy(id));
    this.store.user(id);
    return this.lists.filtered(request, 'groups', []);
  }

  @Get('credentials')
  @Response('credentialsReply')
  @NarrowedBy(...FILTERS.credentials)
  @Errors('malformed')
  @ApiOperation({ operationId: 'listCredentials', summary: 'List credentials (always empty)' })
  async credentials(@Req() request: ApiRequest): Promise<object> {
    await this.access.holder(request);
    return this.lists.filtered(request, 'credentials', []);
  }

  @Get('limits')
  @Response('limitsReply')
  @NarrowedBy(...FILTERS.limits)
  @Errors('malformed')
  @ApiOperation({ operationId: 'listLimits', summary: 'List unified limits (always empty)' })
  async limits(@Req() request: ApiRequest): Promise<object> {
    await this.access.holder(request);
    return this.lists.filtered(request, 'limits', []);
  }

  @Get('registered_limits')
  @Response('registeredLimitsReply')
  @NarrowedBy(...FILTERS.registered_limits)
  @Errors('malformed')
  @ApiOperation({ operationId: 'listRegisteredLimits', summary: 'List registered limits (always empty)' })
  async registeredLimits(@Req() request: ApiRequest): Promise<object> {
    await this.access.holder(request);
    return this.lists.filtered(request, 'registered_limits', []);
  }
}
