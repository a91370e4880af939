import { UsageError } from '../cli-error.js';
import { type LatchkeyRequest, pathSegment } from '../cloud/latchkey-api.js';
import { withLatchkeyApi } from '../cloud/open-compute.js';
import type { GlobalOptions, OptionsOf } from '../global-options.js';
import { printMessage } from '../output/print.js';
import { type Row, showList, showPart, showRecord, showResult } from '../output/show.js';

type WebhookOptions = OptionsOf<{
  readonly url?: string;
  readonly type?: readonly string[];
  /** False removes it. */
  readonly note?: string | false;
  readonly publicKey?: boolean;
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly project?: string;
  readonly allProjects?: boolean;
}>;

type PageOptions = OptionsOf<{ readonly limit?: string; readonly allPages?: boolean }>;

export async function createWebhook(url: string, options: WebhookOptions): Promise<void> {
  const webhook = { ...fieldsOf(options), url, project_id: options.allProjects ? null : options.project };
  await showSecret(await send('POST', '', 'Creating the webhook', options, { webhook }), options);
}

export async function listWebhooks(options: WebhookOptions): Promise<void> {
  const request = { query: { project_id: options.project }, what: 'Listing the webhooks' };
  const { items } = await withLatchkeyApi(options, 'webhooks', (api) => api.list<Row>('webhooks', request));
  const rows = items.map((webhook) => ({
    ID: webhook.id,
    Project: webhook.project_id,
    URL: webhook.url,
    Types: (webhook.types as readonly string[]).join(', '),
    Enabled: webhook.enabled ? 'yes' : 'no',
    'Failing Since': webhook.failing_since,
  }));
  await showList(['ID', 'Project', 'URL', 'Types', 'Enabled', 'Failing Since'], rows, options);
}

export async function showWebhook(id: string, options: GlobalOptions): Promise<void> {
  await showRecord(await send('GET', pathOf(id), `Showing the webhook ${id}`, options), options);
}

/** Changes only what the options name. */
export async function updateWebhook(id: string, options: WebhookOptions): Promise<void> {
  const webhook = fieldsOf(options);
  if (Object.values(webhook).every((value) => value === undefined)) {
    throw new UsageError('Nothing is to be changed; see "latchkey webhook update --help".');
  }
  await showResult(await send('PATCH', pathOf(id), `Changing the webhook ${id}`, options, { webhook }), options);
}

export async function deleteWebhooks(ids: readonly string[], options: GlobalOptions): Promise<void> {
  await withLatchkeyApi(options, 'webhooks', async (api) => {
    for (const id of ids) {
      await api.send({ method: 'DELETE', path: pathOf(id), what: `Deleting the webhook ${id}` });
      if (!options.quiet) printMessage(`Deleted ${id}.`);
    }
  });
}

export async function rotateSecret(id: string, options: GlobalOptions): Promise<void> {
  const what = `Rotating the secret of the webhook ${id}`;
  await showSecret(await send('POST', `${pathOf(id)}/rotate-secret`, what, options), options);
}

export async function testWebhook(id: string, options: GlobalOptions): Promise<void> {
  await showResult(await send('POST', `${pathOf(id)}/test`, `Testing the webhook ${id}`, options), options);
}

export async function listDeliveries(id: string, options: PageOptions): Promise<void> {
  const { limit, allPages = false } = options;
  const what = `Listing the deliveries of the webhook ${id}`;
  const request = { path: `${pathOf(id)}/deliveries`, query: { limit }, what };
  const { items, more } = await withLatchkeyApi(options, 'webhooks', (api) =>
    api.list<Row>('deliveries', request, allPages),
  );
  const rows = items.map((delivery) => ({
    ID: delivery.id,
    Type: delivery.type,
    State: delivery.state,
    Attempts: delivery.attempts,
    Answer: delivery.status ?? delivery.failure,
    Created: delivery.created_at,
  }));
  await showPart(['ID', 'Type', 'State', 'Attempts', 'Answer', 'Created'], rows, more, options);
}

export async function retryDelivery(id: string, delivery: string, options: GlobalOptions): Promise<void> {
  const path = `${pathOf(id)}/deliveries${pathOf(delivery)}/retry`;
  await showResult(await send('POST', path, `Retrying the delivery ${delivery}`, options), options);
}

const pathOf = (id: string): string => `/${pathSegment(id)}`;

/** What the options set, in the form of the API. */
const fieldsOf = ({ url, type, note, publicKey, enable, disable }: WebhookOptions) => ({
  url,
  types: type,
  note: note === false ? null : note,
  include_public_key: publicKey,
  enabled: disable ? false : enable,
});

/** The webhook or delivery in the answer, under its only key. */
function send(
  method: LatchkeyRequest['method'],
  path: string,
  what: string,
  options: GlobalOptions,
  body?: object,
): Promise<Row> {
  return withLatchkeyApi(options, 'webhooks', async (api) => {
    const { json } = await api.send({ method, path, body, what });
    return Object.values(json as Record<string, Row>)[0];
  });
}

/** Shows a webhook with its secret, also with --quiet: the service does not show it again. */
async function showSecret(webhook: Row, options: GlobalOptions): Promise<void> {
  await showRecord(webhook, options);
  if (!options.quiet) printMessage('The secret is not shown again: keep it now, where only the receiver reads it.');
}
