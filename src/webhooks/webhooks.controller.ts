import { Delete, Get, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { Audit } from '../audit/audit.js';
import type { Caller } from '../domain/caller.js';
import { ownerOfProject } from '../domain/keypair-owner.js';
import type { ApiRequest } from '../http/api-request.js';
import { lastValues, type PageQuery, Pages } from '../http/pages.js';
import { Errors, withContract } from '../http/shapes/contract.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { V1Controller } from '../identity/v1-controller.js';
import type { StoredWebhook } from '../persistence/repositories/webhook.repository.js';
import { webhooksApi } from './webhooks.contract.js';
import type { ChangedWebhook, DeliveriesQuery, NewWebhook, WebhookQuery, WebhooksQuery } from './webhooks.dto.js';
import { WebhooksService } from './webhooks.service.js';
import { listDeliveries, listWebhooks, showDelivery, showWebhook, showWebhookWithSecret } from './webhooks.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => webhooksApi);

/** Webhooks, which Nova does not have; without microversions. */
@V1Controller('v1/webhooks', 'webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhooksService,
    private readonly pages: Pages,
    private readonly audit: Audit,
  ) {}

  @Post()
  @Response('secretReply')
  @Errors('forbidden', 'over-quota')
  @ApiOperation({ operationId: 'createWebhook', summary: 'Create a webhook; the secret is returned only once' })
  async create(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
    @ShapedBody('createBody') body: NewWebhook,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const { webhook, secret } = await this.webhooks.create(caller, body);
    this.record(request, 'webhook.create', webhook);
    return showWebhookWithSecret(webhook, secret);
  }

  @Get()
  @Response('listReply')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listWebhooks', summary: 'List webhooks, oldest first' })
  async list(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: WebhooksQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const limit = this.pages.limit(query);
    const after = query.marker?.at(-1) ?? '0';
    const rows = await this.webhooks.page(caller, { projectId: query.project_id?.at(-1), after, limit });
    return listWebhooks(rows, this.next(request, query, limit, rows));
  }

  @Get(':id')
  @Response('showReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'showWebhook', summary: 'Show a webhook' })
  async show(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
  ): Promise<object> {
    return showWebhook(await this.webhooks.find(caller, id));
  }

  @Patch(':id')
  @Response('showReply')
  @Errors('forbidden', 'not-found')
  @ApiOperation({ operationId: 'changeWebhook', summary: 'Change, enable or disable a webhook' })
  async change(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
    @ShapedBody('changeBody') body: ChangedWebhook,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const webhook = await this.webhooks.change(caller, id, body);
    this.record(request, 'webhook.update', webhook);
    return showWebhook(webhook);
  }

  @Delete(':id')
  @HttpCode(204)
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'deleteWebhook', summary: 'Delete a webhook and its deliveries' })
  async delete(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
    @Req() request: ApiRequest,
  ): Promise<void> {
    this.record(request, 'webhook.delete', await this.webhooks.remove(caller, id));
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Response('secretReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({
    operationId: 'rotateWebhookSecret',
    summary: 'Rotate the secret of a webhook; it is returned only once, and both secrets sign for 24 hours',
  })
  async rotateSecret(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const { webhook, secret } = await this.webhooks.rotateSecret(caller, id);
    this.record(request, 'webhook.rotate-secret', webhook);
    return showWebhookWithSecret(webhook, secret);
  }

  @Post(':id/test')
  @HttpCode(202)
  @Response('deliveryReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'testWebhook', summary: 'Send a test event (webhook.test)' })
  async test(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
  ): Promise<object> {
    return showDelivery(await this.webhooks.test(caller, id));
  }

  @Get(':id/deliveries')
  @Response('deliveriesReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'listWebhookDeliveries', summary: 'List the deliveries of a webhook, newest first' })
  async deliveries(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @ShapedQuery('deliveriesQuery') query: DeliveriesQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const limit = this.pages.limit(query);
    const rows = await this.webhooks.pageOfDeliveries(caller, id, query.marker?.at(-1), limit);
    return listDeliveries(rows, this.next(request, query, limit, rows));
  }

  @Post(':id/deliveries/:delivery_id/retry')
  @HttpCode(202)
  @Response('deliveryReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'retryWebhookDelivery', summary: 'Send a delivery again now, even if it succeeded' })
  async retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('delivery_id') deliveryId: string,
    @ShapedQuery('itemQuery') _query: WebhookQuery,
  ): Promise<object> {
    return showDelivery(await this.webhooks.retry(caller, id, deliveryId));
  }

  private record(request: ApiRequest, action: string, { id, projectId }: StoredWebhook): void {
    const owner = projectId === null ? undefined : ownerOfProject(projectId);
    this.audit.record(request, { action, owner, name: id });
  }

  private next(request: ApiRequest, query: PageQuery, limit: number, rows: readonly { readonly id: string }[]) {
    const ids = rows.map(({ id }) => id);
    return this.pages.next(request, lastValues(query), limit, ids);
  }
}
