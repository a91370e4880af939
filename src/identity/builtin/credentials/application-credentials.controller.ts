import { Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from '../../../audit/audit.js';
import type { ApiRequest } from '../../../http/api-request.js';
import { Errors, withContract } from '../../../http/shapes/contract.js';
import type { StoredCredential } from '../../../persistence/repositories/application-credential.repository.js';
import { Access, actorOf, ownedBy, requesterOf } from '../access.js';
import { ApplicationCredentials } from './application-credentials.js';
import { readCredentialRequest } from './credential-request.js';
import { identityApi } from '../identity.contract.js';
import { IdentityController } from '../identity-controller.js';
import { NarrowedBy } from '../directory/list-filter.js';
import { Lists } from '../directory/lists.js';
import * as show from '../identity.view.js';
import type { Grant } from '../log-in/tokens.js';

const { Body, Response } = withContract(() => identityApi);

/** The application credentials of a user: log-ins for programs, without the password. */
@IdentityController('v3/users/:user_id/application_credentials')
@ApiTags('application credentials')
export class ApplicationCredentialsController {
  constructor(
    private readonly credentials: ApplicationCredentials,
    private readonly access: Access,
    private readonly lists: Lists,
    private readonly audit: Audit,
  ) {}

  @Get()
  @Response('applicationCredentialsReply')
  @NarrowedBy('name')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listApplicationCredentials', summary: 'List the application credentials of a user' })
  async list(@Req() request: ApiRequest, @Param('user_id') userId: string): Promise<object> {
    await this.access.allowed(request, 'identity:list_application_credentials', ownedBy(userId));
    const credentials = await this.credentials.list(userId);
    return this.lists.filtered(request, 'application_credentials', credentials.map(this.shown(request)));
  }

  @Post()
  @HttpCode(201)
  @Body('createCredentialBody')
  @Response('createdApplicationCredentialReply')
  @Errors('malformed', 'forbidden', 'not-found', 'conflict')
  @ApiOperation({
    operationId: 'createApplicationCredential',
    summary: 'Create an application credential; the secret is returned only once',
  })
  async create(@Req() request: ApiRequest, @Param('user_id') userId: string): Promise<object> {
    const holder = await this.access.allowed(request, 'identity:create_application_credential', ownedBy(userId));
    const [made, secret] = await this.credentials.create(
      holder,
      readCredentialRequest(request.body),
      requesterOf(holder, request),
    );
    this.record(request, holder, 'application_credential.create', userId, made.id);
    return { application_credential: { ...this.shown(request)(made), secret } };
  }

  @Get(':id')
  @Response('applicationCredentialReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showApplicationCredential', summary: 'Show an application credential' })
  async one(@Req() request: ApiRequest, @Param('user_id') userId: string, @Param('id') id: string): Promise<object> {
    await this.access.allowed(request, 'identity:get_application_credential', ownedBy(userId));
    return { application_credential: this.shown(request)(await this.credentials.show(userId, id)) };
  }

  @Delete(':id')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({
    operationId: 'deleteApplicationCredential',
    summary: 'Delete an application credential, which invalidates its tokens',
  })
  async remove(@Req() request: ApiRequest, @Param('user_id') userId: string, @Param('id') id: string): Promise<void> {
    const holder = await this.access.allowed(request, 'identity:delete_application_credential', ownedBy(userId));
    await this.credentials.remove(holder, userId, id, requesterOf(holder, request));
    this.record(request, holder, 'application_credential.delete', userId, id);
  }

  private record(request: ApiRequest, holder: Grant, action: string, owner: string, name: string): void {
    this.audit.recordBy(actorOf(holder, request), { action, owner, name }, request.id);
  }

  private shown(request: ApiRequest): (credential: StoredCredential) => object {
    const base = this.lists.base(request);
    return (credential) => show.applicationCredential(credential, base);
  }
}
