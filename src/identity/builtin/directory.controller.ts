import { Get, Inject, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../../config/config.js';
import { KeystoneFault } from '../../http/faults/keystone-fault.js';
import { type ApiRequest, pathOf } from '../../http/api-request.js';
import { contracted, Errors } from '../../http/shapes/contract.js';
import { readQuery } from '../../http/shapes/query.js';
import { BaseUrl } from '../../http/base-url.js';
import { Access, notFound } from './access.js';
import { DOMAIN, type User } from './directory.js';
import { identityApi } from './identity.contract.js';
import { IdentityController } from './identity-controller.js';
import { IdentityStore } from './identity-store.js';
import * as show from './identity.view.js';

const { Response } = contracted(() => identityApi);

/** Query parameters that narrow a list down. */
const NarrowedBy =
  (...names: string[]): MethodDecorator =>
  (target, method, descriptor) => {
    for (const name of names) ApiQuery({ name, required: false, type: String })(target, method, descriptor);
  };

/** Users, projects, domains and roles: all for administrators, their own for other users. */
@IdentityController('v3')
@ApiTags('directory')
export class DirectoryController {
  constructor(
    private readonly store: IdentityStore,
    private readonly access: Access,
    private readonly baseUrl: BaseUrl,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('auth/projects')
  @Response('projectsReply')
  @ApiOperation({ operationId: 'listOwnProjects', summary: 'List the projects that one can log in to' })
  async ownProjects(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return this.projects(request, user);
  }

  @Get('auth/domains')
  @Response('domainsReply')
  @ApiOperation({ operationId: 'listOwnDomains', summary: 'List the domains that one can log in to' })
  async ownDomains(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return this.list(request, 'domains', user.domainRoles.length > 0 ? [show.domain(this.base(request))] : []);
  }

  @Get('auth/system')
  @Response('systemReply')
  @ApiOperation({ operationId: 'showOwnSystem', summary: 'Tell whether one can log in to the system' })
  async ownSystem(@Req() request: ApiRequest): Promise<object> {
    const { user } = await this.access.holder(request);
    return this.list(request, 'system', user.systemRoles.length > 0 ? [{ all: true }] : []);
  }

  @Get('auth/catalog')
  @Response('catalogReply')
  @ApiOperation({ operationId: 'showCatalog', summary: 'List the services' })
  async catalog(@Req() request: ApiRequest): Promise<object> {
    await this.access.holder(request);
    return this.list(request, 'catalog', show.catalog(this.base(request), this.config.identityRegion));
  }

  @Get('users')
  @Response('usersReply')
  @NarrowedBy('name', 'domain_id')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listUsers', summary: 'List the users' })
  async users(@Req() request: ApiRequest): Promise<object> {
    this.access.require(await this.access.holder(request), 'identity:list_users');
    const users = this.store.current().users.filter(this.named(request));
    return this.list(
      request,
      'users',
      users.map((user) => show.user(user, this.base(request))),
    );
  }

  @Get('users/:id')
  @Response('userReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showUser', summary: 'Show one user' })
  async user(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    const holder = await this.access.holder(request);
    this.access.require(holder, 'identity:get_user', holder.user.id === id);
    const user = this.store.current().user(id);
    if (!user) throw notFound(`user: ${id}`);
    return { user: show.user(user, this.base(request)) };
  }

  @Get('users/:id/projects')
  @Response('projectsReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'listProjectsOfUser', summary: 'List the projects of a user' })
  async projectsOfUser(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    const holder = await this.access.holder(request);
    this.access.require(holder, 'identity:list_user_projects', holder.user.id === id);
    const user = this.store.current().user(id);
    if (!user) throw notFound(`user: ${id}`);
    return this.projects(request, user);
  }

  @Get('projects')
  @Response('projectsReply')
  @NarrowedBy('name', 'domain_id')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listProjects', summary: 'List the projects' })
  async allProjects(@Req() request: ApiRequest): Promise<object> {
    this.access.require(await this.access.holder(request), 'identity:list_projects');
    const projects = this.store.current().projects.filter(this.named(request));
    return this.list(
      request,
      'projects',
      projects.map((project) => show.project(project, this.base(request))),
    );
  }

  @Get('projects/:id')
  @Response('projectReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showProject', summary: 'Show one project' })
  async project(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    const holder = await this.access.holder(request);
    this.access.require(holder, 'identity:get_project', holder.user.projectRoles.has(id));
    const project = this.store.current().project(id);
    if (!project) throw notFound(`project: ${id}`);
    return { project: show.project(project, this.base(request)) };
  }

  @Get('domains')
  @Response('domainsReply')
  @NarrowedBy('name', 'domain_id')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listDomains', summary: 'List the domains' })
  async domains(@Req() request: ApiRequest): Promise<object> {
    this.access.require(await this.access.holder(request), 'identity:list_domains');
    const domains = [DOMAIN].filter(this.named(request)).map(() => show.domain(this.base(request)));
    return this.list(request, 'domains', domains);
  }

  @Get('domains/:id')
  @Response('domainReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showDomain', summary: 'Show one domain' })
  async domain(@Req() request: ApiRequest, @Param('id') id: string): Promise<object> {
    const holder = await this.access.holder(request);
    this.access.require(holder, 'identity:get_domain', id === DOMAIN.id);
    if (id !== DOMAIN.id) throw notFound(`domain: ${id}`);
    return { domain: show.domain(this.base(request)) };
  }

  @Get('roles')
  @Response('rolesReply')
  @NarrowedBy('name', 'domain_id')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listRoles', summary: 'List the roles' })
  async roles(@Req() request: ApiRequest): Promise<object> {
    this.access.require(await this.access.holder(request), 'identity:list_roles');
    const roles = this.store.current().roleNames().map(show.role).filter(this.named(request));
    return this.list(
      request,
      'roles',
      roles.map(({ name }) => show.describedRole(name, this.base(request))),
    );
  }

  @Get('role_assignments')
  @Response('assignmentsReply')
  @NarrowedBy('user.id', 'role.id', 'scope.project.id', 'scope.domain.id', 'scope.system', 'include_names')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'listRoleAssignments', summary: 'List who has which role where' })
  async assignments(@Req() request: ApiRequest): Promise<object> {
    this.access.require(await this.access.holder(request), 'identity:list_role_assignments');
    const query = readQuery(request.url);
    const filterValue = (name: string): string | undefined => query[name]?.[0];
    const fits = (name: string, value: string | undefined): boolean =>
      filterValue(name) === undefined || filterValue(name) === value;
    const assignments = show.assignmentsIn(this.store.current()).filter(({ user, role, scope }) => {
      const projectId = typeof scope === 'object' ? scope.project.id : undefined;
      return (
        fits('user.id', user.id) &&
        fits('role.id', show.role(role).id) &&
        fits('scope.project.id', projectId) &&
        fits('scope.domain.id', scope === 'domain' ? DOMAIN.id : undefined) &&
        fits('scope.system', scope === 'system' ? 'all' : undefined)
      );
    });
    const withNames = query.include_names !== undefined && filterValue('include_names') !== '0';
    return this.list(
      request,
      'role_assignments',
      assignments.map((each) => show.assignment(each, withNames)),
    );
  }

  private projects(request: ApiRequest, user: User): object {
    const projects = this.store.current().projectsOf(user);
    return this.list(
      request,
      'projects',
      projects.map((project) => show.project(project, this.base(request))),
    );
  }

  private named(request: ApiRequest): (thing: Filtered) => boolean {
    return filterOf(readQuery(request.url));
  }

  private list(request: ApiRequest, name: string, items: readonly object[]): object {
    return show.list(name, items, this.base(request) + pathOf(request));
  }

  private base(request: ApiRequest): string {
    return this.baseUrl.of(request);
  }
}

interface Filtered {
  readonly name: string;
  readonly enabled?: boolean;
}

/** Keystone's comparisons; the ones that begin with an i ignore case. */
const COMPARISONS: ReadonlyMap<string, (name: string, text: string) => boolean> = new Map([
  ['contains', (name: string, text: string) => name.includes(text)],
  ['startswith', (name: string, text: string) => name.startsWith(text)],
  ['endswith', (name: string, text: string) => name.endsWith(text)],
  ['equals', (name: string, text: string) => name === text],
]);
/** Filters of Keystone on things that this identity does not have. */
const UNSUPPORTED = /^(?:unique_id|idp_id|protocol_id|password_expires_at|(?:not-)?tags(?:-any)?)$|^(?!name__).+__.+$/;

/** The filter of a list by its query. There is one domain, and it is the parent of every project. Throws a KeystoneFault, 400. */
function filterOf(query: ReturnType<typeof readQuery>): (thing: Filtered) => boolean {
  const tests: ((thing: Filtered) => boolean)[] = [];
  for (const [filter, [value]] of Object.entries(query)) {
    if (UNSUPPORTED.test(filter)) throw refusedFilter(filter);
    if (filter === 'name') tests.push(({ name }) => name === value);
    else if (filter === 'domain_id' || filter === 'parent_id') tests.push(() => value === DOMAIN.id);
    else if (filter === 'enabled') tests.push(({ enabled = true }) => enabled === isTrue(value));
    else if (filter === 'is_domain') tests.push(() => !isTrue(value));
    else if (filter.startsWith('name__')) {
      const [, ignoresCase, kind] = /^name__(i?)(\w+)$/.exec(filter) ?? [];
      const compare = COMPARISONS.get(kind);
      if (!compare) throw refusedFilter(filter);
      tests.push(({ name }) => (ignoresCase ? compare(name.toLowerCase(), value.toLowerCase()) : compare(name, value)));
    }
  }
  return (thing) => tests.every((test) => test(thing));
}

/** As Keystone reads it: everything but these words is true, an empty value too. */
function isTrue(value: string): boolean {
  return !['0', 'false', 'no', 'off', 'n', 'f'].includes(value.toLowerCase());
}

function refusedFilter(filter: string): KeystoneFault {
  return new KeystoneFault(
    'bad-request',
    `Filtering by ${filter.slice(0, 256)} is not supported. Use name, enabled or domain_id.`,
  );
}
