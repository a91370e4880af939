import { Delete, Get, Head, HttpCode, Param, Put, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Audit } from '../../../audit/audit.js';
import type { ApiRequest } from '../../../http/api-request.js';
import { Errors, withContract } from '../../../http/shapes/contract.js';
import { Access, actorOf } from '../access.js';
import { Administration, type Place } from '../administration/administration.js';
import { readOptionalBody } from '../body.js';
import { SYSTEM } from './directory.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import * as show from '../identity.view.js';
import { Lists } from './lists.js';
import type { Grant } from '../log-in/tokens.js';

const { Response } = withContract(() => identityApi);

/** The parameters of the path; the system has no id. */
interface Params {
  readonly place_id: string;
  readonly user_id: string;
  readonly role_id: string;
}

const ACTIONS = {
  grant: {
    list: 'identity:list_grants',
    check: 'identity:check_grant',
    create: 'identity:create_grant',
    revoke: 'identity:revoke_grant',
  },
  system: {
    list: 'identity:list_system_grants_for_user',
    check: 'identity:check_system_grant_for_user',
    create: 'identity:create_system_grant_for_user',
    revoke: 'identity:revoke_system_grant_for_user',
  },
} as const;

/** The roles that were assigned to users in a project, in the domain or on the system. */
function assignmentsController(kind: Place['kind'], path: string, where: string): new (...services: never[]) => object {
  const actions = kind === 'system' ? ACTIONS.system : ACTIONS.grant;
  const suffix = where.replaceAll(/(?:^| a | the )(\w)/g, (_, letter: string) => letter.toUpperCase());
  const operation = (verb: string, summary: string) =>
    ApiOperation({ operationId: verb + suffix, summary: `${summary} ${where}` });
  const Places = (): MethodDecorator =>
    kind === 'system'
      ? () => {}
      : ApiParam({ name: 'place_id', description: `The id ${where.replace(/^\w+ /, 'of ')}.` });
  const User = (): MethodDecorator => ApiParam({ name: 'user_id', description: 'The id of the user.' });
  const Role = (): MethodDecorator => ApiParam({ name: 'role_id', description: 'The id of the role.' });

  @IdentityController(`v3/${path}/users/:user_id/roles`)
  @ApiTags('administration')
  class AssignmentsController {
    constructor(
      private readonly administration: Administration,
      private readonly access: Access,
      private readonly lists: Lists,
      private readonly audit: Audit,
    ) {}

    @Get()
    @Places()
    @User()
    @Response('rolesReply')
    @Errors('forbidden', 'not-found')
    @operation('listRoles', 'List the roles of a user')
    async list(@Req() request: ApiRequest, @Param() params: Params): Promise<object> {
      await this.access.allowed(request, actions.list);
      const names = this.administration.assigned(placeOf(params), params.user_id);
      const roles = names.map((name) => show.describedRole(name, this.lists.base(request)));
      return this.lists.whole(request, 'roles', roles);
    }

    @Head(':role_id')
    @HttpCode(204)
    @Places()
    @User()
    @Role()
    @Errors('forbidden', 'not-found')
    @operation('checkRole', 'Check whether a user has a role')
    async check(@Req() request: ApiRequest, @Param() params: Params): Promise<void> {
      await this.access.allowed(request, actions.check);
      this.administration.requireAssigned(placeOf(params), params.user_id, params.role_id);
    }

    @Get(':role_id')
    @HttpCode(204)
    @Places()
    @User()
    @Role()
    @Errors('forbidden', 'not-found')
    @operation('findRole', 'Check whether a user has a role')
    find(@Req() request: ApiRequest, @Param() params: Params): Promise<void> {
      return this.check(request, params);
    }

    @Put(':role_id')
    @HttpCode(204)
    @Places()
    @User()
    @Role()
    @Errors('malformed', 'forbidden', 'not-found')
    @operation('assignRole', 'Assign a role to a user')
    async assign(@Req() request: ApiRequest, @Param() params: Params): Promise<void> {
      const holder = await this.access.allowed(request, actions.create);
      this.administration.requireWritable();
      readOptionalBody(request.body);
      await this.administration.assign(placeOf(params), params.user_id, params.role_id);
      this.record(request, holder, 'role.assign', params);
    }

    @Delete(':role_id')
    @HttpCode(204)
    @Places()
    @User()
    @Role()
    @Errors('forbidden', 'not-found')
    @operation('unassignRole', 'Remove a role from a user')
    async unassign(@Req() request: ApiRequest, @Param() params: Params): Promise<void> {
      const holder = await this.access.allowed(request, actions.revoke);
      this.administration.requireWritable();
      await this.administration.unassign(placeOf(params), params.user_id, params.role_id);
      this.record(request, holder, 'role.remove', params);
    }

    private record(
      request: ApiRequest,
      holder: Grant,
      action: string,
      { place_id: place, user_id: user, role_id: role }: Params,
    ): void {
      const change = { action, owner: user, name: `${role} ${place ?? SYSTEM}` };
      this.audit.recordBy(actorOf(holder, request), change, request.id);
    }
  }

  const placeOf = ({ place_id: id }: Params): Place => (kind === 'system' ? { kind } : { kind, id });
  return AssignmentsController;
}

export const AssignmentsInProject = assignmentsController('project', 'projects/:place_id', 'in a project');
export const AssignmentsInDomain = assignmentsController('domain', 'domains/:place_id', 'in the domain');
export const AssignmentsOnSystem = assignmentsController('system', 'system', 'on the system');
