import { html, type TemplateResult } from './lit-html.js';
import { attempt, showNotice, showProblem, update } from './app.js';
import { send } from './api.js';
import { confirm } from './dialog.js';
import { copy } from './files.js';
import { type MessageKey, showTime, t } from './language.js';
import { listAll } from './records.js';
import { hasRole } from './session.js';

/** A webhook as `/v1/webhooks` lists it. */
interface Webhook {
  readonly id: number;
  readonly url: string;
  readonly project_id: string | null;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly secret?: string;
}

interface Delivery {
  readonly id: number;
  readonly type: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly status: number | null;
  readonly failure: string | null;
  readonly created_at: string;
}

const KINDS = ['keypair.*', 'guest.*', 'certificate.*', 'quota.*', 'credential.*'];

let webhooks: readonly Webhook[] = [];
/** The one whose secret is shown only once. */
let made: Webhook | undefined;
/** What the webhook that was chosen was sent, the newest first. */
let sent: { readonly webhook: Webhook; readonly deliveries: readonly Delivery[] } | undefined;

export const hasWebhooks = (): boolean => hasRole('admin') || hasRole('manager');

export async function loadWebhooks(): Promise<void> {
  made = undefined;
  sent = undefined;
  if (hasWebhooks()) webhooks = await listAll<Webhook>('v1/webhooks', 'webhooks', {});
}

export const webhooksCard = (): TemplateResult =>
  html`<section class="card" aria-labelledby="webhooks-title">
    <h2 id="webhooks-title">${t('webhooks.title')}</h2>
    <p>${t('webhooks.hint')}</p>
    ${made ? secretOf(made) : form()} ${webhooks.length > 0 ? table() : undefined}
    ${sent ? deliveries(sent) : undefined}
  </section>`;

const form = (): TemplateResult =>
  html`<form @submit=${create} autocomplete="off" novalidate>
    <div class="field">
      <label for="webhook-url">${t('webhooks.url')}</label>
      <input id="webhook-url" name="url" type="url" placeholder="https://" autocapitalize="none" spellcheck="false" />
    </div>
    <fieldset>
      <legend>${t('webhooks.types')}</legend>
      ${KINDS.map(
        (kind, at) =>
          html`<label class="check"
            ><input type="checkbox" name="kind" value=${kind} ?checked=${at === 0} />
            <span class="mono">${kind}</span></label
          >`,
      )}
    </fieldset>
    <button class="main">${t('webhooks.create')}</button>
  </form>`;

async function create(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const [url, types] = [given.get('url'), given.getAll('kind')];
  if (url === '' || types.length === 0) {
    showProblem(t('webhooks.empty'));
    return;
  }
  await attempt(async () => {
    const { body } = await send<{ webhook: Webhook }>('POST', 'v1/webhooks', { webhook: { url, types } });
    await loadWebhooks();
    made = body.webhook;
  });
}

const secretOf = ({ url, secret = '' }: Webhook): TemplateResult =>
  html`<div>
    <p class="message warn">${t('webhooks.once', { url })}</p>
    <p class="mono">${secret}</p>
    <div class="row">
      <button class="main" @click=${() => void copy(secret)}>${t('access.copy')}</button>
      <button
        @click=${() => {
          made = undefined;
          update();
        }}
      >
        ${t('access.done')}
      </button>
    </div>
  </div>`;

const ACTIONS: readonly (readonly [MessageKey, (webhook: Webhook) => Promise<void>])[] = [
  ['webhooks.sent', showSent],
  ['webhooks.test', test],
  ['webhooks.rotate', rotate],
  ['action.delete', remove],
];

const table = (): TemplateResult =>
  html`<table class="stack">
    <caption>
      ${t('webhooks.title')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${t('webhooks.url')}</th>
        <th scope="col">${t('webhooks.types')}</th>
        <th scope="col">${t('project')}</th>
        <th scope="col">${t('column.actions')}</th>
      </tr>
    </thead>
    <tbody>
      ${webhooks.map(
        (each) =>
          html`<tr>
            <th scope="row">
              <span class="mono">${each.url}</span>
              ${each.enabled ? undefined : html`<span class="tag">${t('webhooks.off')}</span>`}
            </th>
            <td data-column=${t('webhooks.types')}>${each.types.join(', ')}</td>
            <td data-column=${t('project')}>${each.project_id ?? t('webhooks.everything')}</td>
            <td class="actions">
              ${ACTIONS.map(
                ([name, act]) =>
                  html`<button
                    class=${act === remove ? 'small danger' : 'small'}
                    aria-label=${`${t(name)} ${each.url}`}
                    @click=${() => void attempt(() => act(each))}
                  >
                    ${t(name)}
                  </button>`,
              )}
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const pathOf = ({ id }: Webhook): string => `v1/webhooks/${id}`;

async function showSent(webhook: Webhook): Promise<void> {
  const path = `${pathOf(webhook)}/deliveries?limit=100`;
  const { body } = await send<{ deliveries: readonly Delivery[] }>('GET', path);
  sent = { webhook, deliveries: body.deliveries };
}

async function test(webhook: Webhook): Promise<void> {
  await send('POST', `${pathOf(webhook)}/test`);
  await showSent(webhook);
}

async function rotate(webhook: Webhook): Promise<void> {
  const { body } = await send<{ webhook: Webhook }>('POST', `${pathOf(webhook)}/rotate-secret`);
  made = body.webhook;
}

async function remove(webhook: Webhook): Promise<void> {
  const { url: name } = webhook;
  const title = t('delete.title', { name });
  if (!(await confirm({ title, body: t('webhooks.delete'), action: t('action.delete') }))) return;
  await send('DELETE', pathOf(webhook));
  await loadWebhooks();
  showNotice(t('deleted', { name }));
}

const deliveries = ({ webhook, deliveries: rows }: NonNullable<typeof sent>): TemplateResult =>
  html`<h3>${t('webhooks.sent.to', { url: webhook.url })}</h3>
    <table class="stack">
      <caption>
        ${t('webhooks.sent.to', { url: webhook.url })}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('events.what')}</th>
          <th scope="col">${t('events.time')}</th>
          <th scope="col">${t('webhooks.state')}</th>
          <th scope="col">${t('column.actions')}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (each) =>
            html`<tr>
              <th scope="row" class="mono">${each.type}</th>
              <td data-column=${t('events.time')}>${showTime(each.created_at)}</td>
              <td data-column=${t('webhooks.state')}>
                ${t(`webhooks.state.${each.state}`)} ${each.status ?? each.failure ?? ''}
              </td>
              <td class="actions">
                <button class="small" @click=${() => void attempt(() => retry(webhook, each))}>
                  ${t('webhooks.retry')}
                </button>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>`;

async function retry(webhook: Webhook, { id }: Delivery): Promise<void> {
  await send('POST', `${pathOf(webhook)}/deliveries/${id}/retry`);
  await showSent(webhook);
}
