import { Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { badRequest, notFound } from '../../../http/faults/keystone-fault.js';
import type { ApiRequest } from '../../../http/api-request.js';
import { withContract, Errors } from '../../../http/shapes/contract.js';
import { type Query, readQuery } from '../../../http/shapes/query.js';
import { Access, ownedBy } from '../access.js';
import { DOMAIN, type User } from './directory.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import { IdentityStore } from '../store/identity-store.js';
import * as show from '../identity.view.js';
import { FILTERS, isTrue, NarrowedBy } from './list-filter.js';
import { Lists } from './lists.js';

const { Response } = withContract(() => identityApi);

/** Filters of the list of role assignments. No group has one. */
const ASSIGNMENT_FILTERS = [
  'user.id',
  'group.id',
  'role.id',
  'scope.project.id',
  'scope.domain.id',
  'scope.system',
] as const;

/** Users, projects, domains and roles: all for administrators, their own for other users. */
@IdentityController('v3')
@ApiTags('directory')
export class DirectoryController {
  constructor(
    private readonly store: IdentityStore,
    private readonly access: Access,
    private readonly lists: Lists,
  ) {}

  @Get('auth/projects')
  @Response('projectsReply')
  @NarrowedBy(...FILTERS.projects)
  @Errors('malformed')
  @ApiOperation({ operationId: 'listOwnProjects', summary: 'List the projects that the user can log in to' })
  async ownProjects(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return this.projects(request, user);
  }

  @Get('auth/domains')
  @Response('domainsReply')
  @ApiOperation({ operationId: 'listOwnDomains', summary: 'List the domains that the user can log in to' })
  async ownDomains(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return this.lists.whole(request, 'domains', user.domainRoles.length > 0 ? [show.domain(this.base(request))] : []);
  }

  @Get('auth/system')
  @Response('systemReply')
  @ApiOperation({ operationId: 'showOwnSystem', summary: 'List the system scopes that the user can log in to' })
  async ownSystem(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return { system: user.systemRoles.length > 0 ? [{ all: true }] : [], links: { self: this.lists.self(request) } };
  }

  @Get('users')
  @Response('usersReply')
  @NarrowedBy(...FILTERS.users)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listUsers', summary: 'List users' })
  async users(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_users');
    const users = this.store.current().users.map((user) => show.user(user, this.base(request)));
    return this.lists.filtered(request, 'users', users);
  }

  @Get('users/:id')
  @Response('userReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showUser', summary: 'Show a user' })
  async user(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_user', ownedBy(id));
    return { user: show.user(this.store.user(id), this.base(request)) };
  }

  @Get('users/:id/projects')
  @Response('projectsReply')
  @NarrowedBy(...FILTERS.projects)
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'listProjectsOfUser', summary: 'List the projects of a user' })
  async projectsOfUser(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:list_user_projects', ownedBy(id));
    return this.projects(request, this.store.user(id));
  }

  @Get('projects')
  @Response('projectsReply')
  @NarrowedBy(...FILTERS.projects)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listProjects', summary: 'List projects' })
  async allProjects(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_projects');
    const projects = this.store.current().projects.map((project) => show.project(project, this.base(request)));
    // The domains are listed only for clients that filter by is_domain.
    const all =
      'is_domain' in readQuery(request.url) ? [...projects, show.domainAsProject(this.base(request))] : projects;
    return this.lists.filtered(request, 'projects', all);
  }

  @Get('projects/:id')
  @Response('projectReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showProject', summary: 'Show a project' })
  async project(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_project', ({ user }) => user.projectRoles.has(id));
    return { project: show.project(this.store.project(id), this.base(request)) };
  }

  @Get('domains')
  @Response('domainsReply')
  @NarrowedBy(...FILTERS.domains)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listDomains', summary: 'List domains' })
  async domains(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_domains');
    return this.lists.filtered(request, 'domains', [show.domain(this.base(request))]);
  }

  @Get('domains/:id')
  @Response('domainReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showDomain', summary: 'Show a domain' })
  async domain(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_domain', () => id === DOMAIN.id);
    if (id !== DOMAIN.id) throw notFound(`domain: ${id}`);
    return { domain: show.domain(this.base(request)) };
  }

  @Get('roles')
  @Response('rolesReply')
  @NarrowedBy(...FILTERS.roles)
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listRoles', summary: 'List roles' })
  async roles(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_roles');
    const names = this.store.current().roleNames();
    const roles = names.map((name) => show.describedRole(name, this.base(request)));
    return this.lists.filtered(request, 'roles', roles);
  }

  @Get('roles/:id')
  @Response('roleReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showRole', summary: 'Show a role' })
  async role(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_role');
    const names = this.store.current().roleNames();
    const name = names.find((each) => show.role(each).id === id);
    if (name === undefined) throw notFound(`role: ${id}`);
    return { role: show.describedRole(name, this.base(request)) };
  }

  @Get('role_inferences')
  @Response('inferencesReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'listRoleInferences', summary: 'List role inference rules' })
  async inferences(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_role_inference_rules');
    return { role_inferences: show.roleInferences(this.base(request)) };
  }

  @Get('role_assignments')
  @Response('assignmentsReply')
  @NarrowedBy(...ASSIGNMENT_FILTERS, 'effective', 'include_names')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listRoleAssignments', summary: 'List role assignments' })
  async assignments(@Req() request: ApiRequest): Promise<object> {
    await this.access.allowed(request, 'identity:list_role_assignments');
    const query = readQuery(request.url);
    const isEffective = isFlagSet(query, 'effective');
    requireCombinable(query, isEffective);
    // As in Keystone, a scope of the system without a value does not filter.
    const fits = (name: (typeof ASSIGNMENT_FILTERS)[number], value: string | undefined): boolean =>
      query[name] === undefined || query[name][0] === value || (name === 'scope.system' && query[name][0] === '');
    const assignments = show.assignmentsIn(this.store.current(), isEffective).filter(({ user, role, scope }) => {
      const projectId = typeof scope === 'object' ? scope.project.id : undefined;
      return (
        fits('user.id', user.id) &&
        fits('group.id', undefined) &&
        fits('role.id', show.role(role).id) &&
        fits('scope.project.id', projectId) &&
        fits('scope.domain.id', scope === 'domain' ? DOMAIN.id : undefined) &&
        fits('scope.system', scope === 'system' ? 'all' : undefined)
      );
    });
    const withNames = isFlagSet(query, 'include_names');
    const shown = assignments.map((each) => show.assignment(each, withNames, this.base(request)));
    return this.lists.whole(request, 'role_assignments', shown);
  }

  private projects(request: ApiRequest, user: User): object {
    const projects = this.store.current().projectsOf(user);
    return this.lists.filtered(
      request,
      'projects',
      projects.map((project) => show.project(project, this.base(request))),
    );
  }

  private base(request: ApiRequest): string {
    return this.lists.base(request);
  }
}

/** Throws a KeystoneFault, 400, for filters that Keystone refuses together, in its words. */
function requireCombinable(query: Query, isEffective: boolean): void {
  const has = (name: (typeof ASSIGNMENT_FILTERS)[number]): boolean => query[name] !== undefined;
  if (has('user.id') && has('group.id')) throw badRequest('Specify a user or group, not both');
  if (has('scope.project.id') && has('scope.domain.id')) throw badRequest('Specify a domain or project, not both');
  if (isEffective && has('group.id')) {
    throw badRequest('Combining effective and group filter will always result in an empty list.');
  }
}

/** As in Keystone, a parameter without a value is set, and 0 is not. */
function isFlagSet(query: Query, name: 'effective' | 'include_names'): boolean {
  return query[name] !== undefined && isTrue(query[name][0]);
}
