import { Delete, Get, HttpCode, Param, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { ApiRequest } from '../http/api-request.js';
import { lastValues, Pages } from '../http/pages.js';
import { AnswersWith, withContract, Errors } from '../http/shapes/contract.js';
import type { Caller } from '../domain/caller.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { V1Controller } from '../identity/v1-controller.js';
import { Audit } from '../audit/audit.js';
import type { StoredGuest } from '../persistence/repositories/guest.repository.js';
import { ConfigDrives } from './config-drives.js';
import { guestsApi } from './guests.contract.js';
import type { ChangedGuest, ConfigDriveQuery, GuestsQuery, KnownHostsQuery, NewGuest } from './guests.dto.js';
import { GuestsService } from './guests.service.js';
import { knownHosts, listGuests, showGuest } from './guests.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => guestsApi);

/** The API of guests, which Nova does not have; without microversions. */
@V1Controller('v1/guests', 'guests')
export class GuestsController {
  constructor(
    private readonly guests: GuestsService,
    private readonly drives: ConfigDrives,
    private readonly pages: Pages,
    private readonly audit: Audit,
  ) {}

  @Post()
  @Response('showReply')
  @Errors('forbidden', 'conflict')
  @ApiOperation({ operationId: 'createGuest', summary: 'Register a guest with its keypairs' })
  async create(
    @CurrentCaller() caller: Caller,
    @ShapedBody('createBody') body: NewGuest,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const guest = await this.guests.create(caller, body);
    this.audit.record(request, { action: 'guest.create', owner: guest.userId, name: guest.id });
    return showGuest(guest, undefined);
  }

  @Get()
  @Response('listReply')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listGuests', summary: 'List guests in the order of registration' })
  async list(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: GuestsQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const limit = this.pages.limit(query);
    const { marker, ...others } = lastValues(query);
    const { user_id, all_users: ofAll, address, key_name } = others;
    const all_users = ofAll === undefined ? undefined : ofAll === 'true';
    const guests = await this.guests.page(caller, { user_id, address, key_name, all_users, marker }, limit);
    const next = this.pages.next(request, others, limit, idsOf(guests));
    return listGuests(guests, await this.guests.fetches(guests), next);
  }

  /** Lines for a known_hosts file of OpenSSH. A `Link` header leads to the next page, as in RFC 8288. */
  @Get('known-hosts')
  @Response('knownHostsReply')
  @AnswersWith('Link')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listKnownHosts', summary: "List the SSH host keys that the caller's guests reported" })
  async knownHosts(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('knownHostsQuery') query: KnownHostsQuery,
    @Req() request: ApiRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const limit = this.pages.limit(query);
    const guests = await this.guests.page(caller, { marker: query.marker?.at(-1) }, limit);
    const next = this.pages.next(request, { limit: String(limit) }, limit, idsOf(guests));
    if (next !== undefined) reply.header('Link', `<${next}>; rel="next"`);
    await reply.type('text/plain; charset=utf-8').send(knownHosts(guests, await this.guests.hostKeys(guests)));
  }

  @Get(':id')
  @Response('showReply')
  @Errors('not-found')
  @ApiOperation({ operationId: 'showGuest', summary: 'Show a guest' })
  async show(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<object> {
    return this.shown(await this.guests.show(caller, id));
  }

  @Patch(':id')
  @Response('showReply')
  @Errors('forbidden', 'not-found', 'conflict')
  @ApiOperation({ operationId: 'changeGuest', summary: 'Change properties of a guest; null removes a value' })
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedBody('changeBody') body: ChangedGuest,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const guest = await this.guests.change(caller, id, body);
    this.audit.record(request, { action: 'guest.change', owner: guest.userId, name: guest.id });
    return this.shown(guest);
  }

  @Delete(':id')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'deleteGuest', summary: 'Delete a guest' })
  async delete(@CurrentCaller() caller: Caller, @Param('id') id: string, @Req() request: ApiRequest): Promise<void> {
    const guest = await this.guests.delete(caller, id);
    this.audit.record(request, { action: 'guest.delete', owner: guest.userId, name: guest.id });
  }

  /** As Nova's os-server-password. */
  @Get(':id/password')
  @Response('passwordReply')
  @Errors('not-found')
  @ApiOperation({ operationId: 'showGuestPassword', summary: 'Show the encrypted password of a guest' })
  async password(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<object> {
    return { password: await this.guests.password(caller, id) };
  }

  @Delete(':id/host-keys')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({
    operationId: 'forgetHostKeys',
    summary: 'Forget the host keys of a guest, which may then report new ones',
  })
  async forgetHostKeys(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: ApiRequest,
  ): Promise<void> {
    const guest = await this.guests.forgetHostKeys(caller, id);
    this.audit.record(request, { action: 'guest.forget-host-keys', owner: guest.userId, name: guest.id });
  }

  /** Without a body. The former token of the guest ends. */
  @Post(':id/nocloud-token')
  @Response('noCloudTokenReply')
  @Errors('malformed', 'forbidden', 'not-found', 'too-large', 'unsupported-media')
  @ApiOperation({
    operationId: 'createNoCloudToken',
    summary: 'Create a NoCloud token for a guest; it is returned only once',
  })
  async createNoCloudToken(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const { guest, token } = await this.guests.createNoCloudToken(caller, id);
    this.audit.record(request, { action: 'guest.nocloud-token', owner: guest.userId, name: guest.id });
    return { nocloud_token: token };
  }

  @Delete(':id/nocloud-token')
  @HttpCode(204)
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'revokeNoCloudToken', summary: 'Revoke the NoCloud token of a guest' })
  async revokeNoCloudToken(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: ApiRequest,
  ): Promise<void> {
    const guest = await this.guests.revokeNoCloudToken(caller, id);
    this.audit.record(request, { action: 'guest.revoke-nocloud-token', owner: guest.userId, name: guest.id });
  }

  /** An image with ISO 9660 or VFAT, or a tar archive if the client accepts that type. */
  @Get(':id/config-drive')
  @Response('configDriveReply')
  @AnswersWith('Content-Disposition')
  @Errors('malformed', 'not-found', 'not-implemented', 'unavailable')
  @ApiOperation({ operationId: 'downloadConfigDrive', summary: 'Download the config drive of a guest' })
  async configDrive(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('configDriveQuery') query: ConfigDriveQuery,
    @Req() request: ApiRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const disconnected = new AbortController();
    reply.raw.once('close', () => disconnected.abort());
    const guest = await this.guests.deliverable(caller, id);
    const source = query.source?.at(-1) ?? 'openstack';
    const drive = /\bapplication\/x-tar\b/.test(request.headers.accept ?? '')
      ? this.drives.tar(guest, source)
      : await this.drives.image(query.filesystem?.at(-1) ?? 'iso9660', guest, source, disconnected.signal);
    await reply
      .header('Content-Type', drive.type)
      .header('Content-Disposition', `attachment; filename="${drive.fileName}"`)
      .send(drive.content);
  }

  private async shown(guest: StoredGuest): Promise<object> {
    return showGuest(guest, (await this.guests.fetches([guest])).get(guest.id));
  }
}

const idsOf = (guests: readonly StoredGuest[]): string[] => guests.map(({ id }) => id);
