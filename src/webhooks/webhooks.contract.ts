import { changedWebhook, DeliveriesQuery, newWebhook, WebhookQuery, WebhooksQuery } from './webhooks.dto.js';
import { NextWebhooks, ShownDelivery, ShownWebhook, WebhookWithSecret } from './webhooks.response.js';

/** The shapes and responses of the API of webhooks, which has no microversions. */
export const webhooksApi = {
  createBody: newWebhook,
  changeBody: changedWebhook,
  listQuery: WebhooksQuery,
  itemQuery: WebhookQuery,
  deliveriesQuery: DeliveriesQuery,
  secretReply: { webhook: WebhookWithSecret },
  showReply: { webhook: ShownWebhook },
  listReply: { webhooks: [ShownWebhook] as const, 'webhooks_links?': [NextWebhooks] as const },
  deliveryReply: { delivery: ShownDelivery },
  deliveriesReply: { deliveries: [ShownDelivery] as const, 'deliveries_links?': [NextWebhooks] as const },
};
