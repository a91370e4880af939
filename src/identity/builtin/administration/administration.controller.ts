import { Delete, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from '../../../audit/audit.js';
import { unauthorized } from '../../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../../http/api-request.js';
import { Errors, withContract } from '../../../http/shapes/contract.js';
import type { IdentityAction } from '../../../policy/policy.js';
import { Access, actorOf } from '../access.js';
import { Administration } from './administration.js';
import {
  readNewProject,
  readNewUser,
  readPasswordChange,
  readProjectChanges,
  readUserChanges,
} from './administration-request.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import { IdentityStore } from '../store/identity-store.js';
import * as show from '../identity.view.js';
import { Lists } from '../directory/lists.js';
import type { Grant } from '../log-in/tokens.js';

const { Body, Response } = withContract(() => identityApi);

/** Creates, changes and deletes users and projects. */
@IdentityController('v3')
@ApiTags('administration')
export class AdministrationController {
  constructor(
    private readonly store: IdentityStore,
    private readonly administration: Administration,
    private readonly access: Access,
    private readonly lists: Lists,
    private readonly audit: Audit,
  ) {}

  @Post('users')
  @HttpCode(201)
  @Body('createUserBody')
  @Response('userReply')
  @Errors('malformed', 'forbidden', 'not-found', 'conflict')
  @ApiOperation({ operationId: 'createUser', summary: 'Create a user' })
  async createUser(@Req() request: ApiRequest): Promise<object> {
    const holder = await this.writer(request, 'identity:create_user');
    const user = await this.administration.createUser(readNewUser(request.body));
    this.record(request, holder, 'user.add', user.id, user.name);
    return { user: show.user(user, this.lists.base(request)) };
  }

  @Patch('users/:id')
  @Body('changeUserBody')
  @Response('changedUserReply')
  @Errors('malformed', 'forbidden', 'not-found', 'conflict')
  @ApiOperation({
    operationId: 'changeUser',
    summary: 'Change a user; a disabled user or a new password invalidates the tokens',
  })
  async changeUser(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    const holder = await this.writer(request, 'identity:update_user');
    this.store.user(id);
    const user = await this.administration.changeUser(id, readUserChanges(request.body, id));
    this.record(request, holder, 'user.change', id, user.name);
    return { user: show.changed(show.user(user, this.lists.base(request)), user.extra) };
  }

  @Delete('users/:id')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({
    operationId: 'deleteUser',
    summary: 'Delete a user with all roles and application credentials, but not the keypairs',
  })
  async removeUser(@Req() request: ApiRequest, @Param('id') id: string): Promise<void> {
    const holder = await this.writer(request, 'identity:delete_user');
    const { name } = this.store.user(id);
    await this.administration.removeUser(id);
    this.record(request, holder, 'user.remove', id, name);
  }

  /** Needs no token, as in Keystone: the password that is replaced proves who it is. */
  @Post('users/:id/password')
  @HttpCode(204)
  @Body('changePasswordBody')
  @Errors('malformed', 'forbidden', 'too-many')
  @ApiOperation({ operationId: 'changePassword', summary: 'Change your own password, which invalidates your tokens' })
  async changePassword(@Req() request: ApiRequest, @Param('id') id: string): Promise<void> {
    if (request.headers['x-auth-token']) await this.access.holder(request);
    this.administration.requireWritable();
    const { before, after } = readPasswordChange(request.body);
    const isChanged = await this.administration.changePassword(id, before, after, request.ip);
    if (!isChanged) {
      const change = { action: 'login.refuse', owner: undefined, name: undefined, reason: 'password' };
      this.audit.recordBy({ from: request.ip }, change, request.id);
      throw unauthorized(this.access.challenge(request));
    }
    const { name } = this.store.user(id);
    this.audit.recordBy({ user: id, from: request.ip }, { action: 'user.password', owner: id, name }, request.id);
  }

  @Post('projects')
  @HttpCode(201)
  @Body('createProjectBody')
  @Response('projectReply')
  @Errors('malformed', 'forbidden', 'conflict')
  @ApiOperation({ operationId: 'createProject', summary: 'Create a project' })
  async createProject(@Req() request: ApiRequest): Promise<object> {
    const holder = await this.writer(request, 'identity:create_project');
    const project = await this.administration.createProject(readNewProject(request.body));
    this.record(request, holder, 'project.add', project.id, project.name);
    return { project: show.project(project, this.lists.base(request)) };
  }

  @Patch('projects/:id')
  @Body('changeProjectBody')
  @Response('changedProjectReply')
  @Errors('malformed', 'forbidden', 'not-found', 'conflict')
  @ApiOperation({ operationId: 'changeProject', summary: 'Change a project; disabling it invalidates its tokens' })
  async changeProject(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    const holder = await this.writer(request, 'identity:update_project');
    const project = await this.administration.changeProject(id, readProjectChanges(request.body, id));
    this.record(request, holder, 'project.change', id, project.name);
    return { project: show.changed(show.project(project, this.lists.base(request)), project.extra) };
  }

  @Delete('projects/:id')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'deleteProject', summary: 'Delete a project and all role assignments in it' })
  async removeProject(@Req() request: ApiRequest, @Param('id') id: string): Promise<void> {
    const holder = await this.writer(request, 'identity:delete_project');
    await this.administration.removeProject(id);
    this.record(request, holder, 'project.remove', id, id);
  }

  /** The holder of the token, if the policy allows the action and the users are in the database. */
  private async writer(request: ApiRequest, action: IdentityAction): Promise<Grant> {
    const holder = await this.access.allowed(request, action);
    this.administration.requireWritable();
    return holder;
  }

  private record(request: ApiRequest, holder: Grant, action: string, owner: string, name: string): void {
    this.audit.recordBy(actorOf(holder, request), { action, owner, name }, request.id);
  }
}
