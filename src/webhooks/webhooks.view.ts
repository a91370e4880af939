import { linksOf } from '../http/pages.js';
import type { StoredDelivery } from '../persistence/repositories/webhook-delivery.repository.js';
import type { StoredWebhook } from '../persistence/repositories/webhook.repository.js';
import { showSecret } from './signature.js';

/** `{"webhook": {...}}`, without its secret. */
export const showWebhook = (webhook: StoredWebhook): object => ({ webhook: fieldsOf(webhook) });

/** The same with the secret, which is returned only once. */
export const showWebhookWithSecret = (webhook: StoredWebhook, secret: Buffer): object => ({
  webhook: { ...fieldsOf(webhook), secret: showSecret(secret) },
});

/** `{"webhooks": [...], "webhooks_links": [...]}`; the link leads to the next page, if there may be one. */
export const listWebhooks = (webhooks: readonly StoredWebhook[], next: string | undefined): object => ({
  webhooks: webhooks.map(fieldsOf),
  ...linksOf('webhooks', next),
});

export const showDelivery = (delivery: StoredDelivery): object => ({ delivery: deliveryFields(delivery) });

export const listDeliveries = (deliveries: readonly StoredDelivery[], next: string | undefined): object => ({
  deliveries: deliveries.map(deliveryFields),
  ...linksOf('deliveries', next),
});

function fieldsOf(webhook: StoredWebhook): object {
  const { id, projectId, url, types, enabled, note, includePublicKey, createdBy, createdAt, failingSince } = webhook;
  return {
    id: Number(id),
    project_id: projectId,
    url,
    types,
    enabled,
    note,
    include_public_key: includePublicKey,
    created_by: createdBy,
    created_at: createdAt,
    failing_since: failingSince,
  };
}

function deliveryFields(delivery: StoredDelivery): object {
  const { id, eventId, type, attempts, status, failure, createdAt, deliveredAt, dueAt } = delivery;
  return {
    id: Number(id),
    event_id: eventId,
    type,
    state: dueAt !== null ? 'pending' : deliveredAt !== null ? 'delivered' : 'failed',
    attempts,
    status,
    failure,
    created_at: createdAt,
    delivered_at: deliveredAt,
    next_attempt_at: dueAt,
  };
}
