import { Delete, Get, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from '../audit/audit.js';
import { KEY_TYPES } from '../crypto/key-types.js';
import type { ApiRequest } from '../http/api-request.js';
import { Pages } from '../http/pages.js';
import { Errors } from '../http/shapes/contract.js';
import type { Caller } from '../domain/caller.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { ownerFor } from '../policy/policy.js';
import { NovaController } from '../nova/nova-controller.js';
import { versioned } from '../nova/versioned.js';
import { DEFAULT_KEYPAIR_TYPE } from '../domain/keypair-type.js';
import {
  type ExtendedKeypair,
  type ImportedKeypair,
  keypairType,
  type LegacyKeypair,
  type OwnerQuery,
  type PageQuery,
} from './keypairs.dto.js';
import { type KeypairsApi, keypairsHistory } from './keypairs.history.js';
import { KeypairsService } from './keypairs.service.js';
import * as view from './keypairs.view.js';

const { Status, CurrentApi, Response, ShapedBody, ShapedQuery } = versioned(keypairsHistory);

@NovaController('os-keypairs')
@ApiTags('keypairs')
export class KeypairsController {
  constructor(
    private readonly keypairs: KeypairsService,
    private readonly pages: Pages,
    private readonly audit: Audit,
  ) {}

  @Post()
  @Status('created')
  @Response('createReply')
  @Errors('forbidden', 'conflict')
  @ApiOperation({
    operationId: 'createKeypair',
    summary: 'Import a public key; before 2.92, generate a key pair if none is sent',
  })
  async create(
    @CurrentApi() api: KeypairsApi,
    @CurrentCaller() caller: Caller,
    @ShapedBody('createBody') body: LegacyKeypair & Partial<ExtendedKeypair & ImportedKeypair>,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const owner = ownerFor(caller, 'os_compute_api:os-keypairs:create', body.user_id);
    const name = api.trimsNames ? body.name.trim() : body.name;
    const type = api.typeIn === 'type' ? body.type : keypairType(body.key_type);
    const keypair =
      body.public_key === undefined
        ? await this.keypairs.generate(caller, owner, name, type ?? DEFAULT_KEYPAIR_TYPE)
        : await this.keypairs.import(caller, owner, { name, type, publicKey: body.public_key });
    const { fingerprint } = keypair;
    this.audit.record(request, {
      action: 'keypair.create',
      owner,
      name,
      fingerprint,
      kind: KEY_TYPES[keypair.type].algorithmOf(keypair.publicKey),
      ...(owner === caller.userId &&
        (await this.keypairs.hidesShared(caller.projectId, name)) && { hides: caller.projectId }),
    });
    return view.showCreated(keypair, api);
  }

  @Get()
  @Response('listReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'listKeypairs', summary: 'List keypairs in the order of their names' })
  async list(
    @CurrentApi() api: KeypairsApi,
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: PageQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const userId = ownerFor(caller, 'os_compute_api:os-keypairs:index', query.user_id?.[0]);
    const listing = { userId, only: api.onlyType, typeIn: api.typeIn };
    const projectId = projectIn(caller, query);
    if (!api.paged) return view.list(await this.keypairs.list(listing, projectId));
    const limit = this.pages.limit(query);
    const listed = await this.keypairs.list({ ...listing, limit, marker: query.marker?.at(-1) }, projectId);
    // Nova links from every full page to the next, even if nothing follows.
    if (listed.count < limit || listed.last === undefined) return view.list(listed);
    // In alphabetical order, and the marker last where the request had none (nova.api.openstack.common.ViewBuilder).
    const parameters = { limit: query.limit?.at(-1), marker: query.marker, user_id: query.user_id?.[0] };
    return view.list(listed, this.pages.after(request, parameters, { marker: listed.last }));
  }

  @Get(':name')
  @Response('showReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'showKeypair', summary: 'Show a keypair' })
  async show(
    @CurrentApi() api: KeypairsApi,
    @CurrentCaller() caller: Caller,
    @ShapedQuery('itemQuery') query: OwnerQuery,
    @Param('name') name: string,
  ): Promise<object> {
    const owner = ownerFor(caller, 'os_compute_api:os-keypairs:show', query.user_id?.[0]);
    return view.show(await this.keypairs.show(owner, name, projectIn(caller, query), api.onlyType), api);
  }

  @Delete(':name')
  @Status('deleted')
  @Errors('forbidden', 'not-found', 'conflict')
  @ApiOperation({ operationId: 'deleteKeypair', summary: 'Delete a keypair; guests keep what they have received' })
  async delete(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('itemQuery') query: OwnerQuery,
    @Param('name') name: string,
    @Req() request: ApiRequest,
  ): Promise<void> {
    const owner = ownerFor(caller, 'os_compute_api:os-keypairs:delete', query.user_id?.[0]);
    const fingerprint = await this.keypairs.delete(caller, owner, name, projectIn(caller, query));
    this.audit.record(request, { action: 'keypair.delete', owner, name, fingerprint });
  }
}

/** The project whose keypairs are included besides the caller's own: none if the request names a user, even the caller. */
const projectIn = ({ projectId }: Caller, { user_id: userId }: OwnerQuery): string | undefined =>
  userId === undefined ? projectId : undefined;
