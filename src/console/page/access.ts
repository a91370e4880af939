import { html, type TemplateResult } from './lit-html.js';
import { attempt, focusOn, showProblem, showNotice, update } from './app.js';
import { send } from './api.js';
import { confirm } from './dialog.js';
import { copy, save } from './files.js';
import { showDate, t } from './language.js';
import { codesCard, loadCodes } from './one-time-codes.js';
import { endOfDay } from './records.js';
import { current } from './session.js';

interface Credential {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly expires_at: string | null;
  readonly roles: readonly { readonly name: string }[];
  readonly secret?: string;
}

let credentials: readonly Credential[] = [];
/** The one that was just created: its secret is shown only once. */
let made: Credential | undefined;

/** Application credentials are those of the built-in identity; browsers cannot ask a Keystone. */
export const hasAccess = (): boolean => current.settings.authMode === 'builtin';

const path = (): string => `identity/v3/users/${encodeURIComponent(current.session!.user.id)}/application_credentials`;

export async function loadAccess(): Promise<void> {
  made = undefined;
  await attempt(async () => {
    const { body } = await send<{ application_credentials: readonly Credential[] }>('GET', path());
    credentials = body.application_credentials;
    await loadCodes();
  });
}

export function accessScreen(): TemplateResult {
  return html`<h1 tabindex="-1">${t('access.title')}</h1>
    <p>${t('access.hint')}</p>
    ${made ? secretCard(made) : form()} ${credentials.length > 0 ? table() : undefined} ${codesCard()}`;
}

const form = (): TemplateResult =>
  html`<form class="card medium" @submit=${create} autocomplete="off" novalidate>
    <h2>${t('access.new')}</h2>
    <div class="grid">
      <div class="field">
        <label for="credential-name">${t('column.name')}</label>
        <input id="credential-name" name="name" maxlength="255" autocapitalize="none" />
      </div>
      <div class="field">
        <label for="credential-until">${t('new.expires')}</label>
        <input id="credential-until" name="until" type="date" />
      </div>
    </div>
    <button class="main">${t('access.create')}</button>
  </form>`;

async function create(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
  if (given.name.trim() === '') {
    showProblem(t('login.empty'));
    document.getElementById('credential-name')?.focus();
    return;
  }
  await attempt(async () => {
    const until = endOfDay(given.until);
    const order = { name: given.name.trim(), ...(until !== undefined && { expires_at: until }) };
    const { body } = await send<{ application_credential: Credential }>('POST', path(), {
      application_credential: order,
    });
    await loadAccess();
    made = body.application_credential;
    focusOn('secret-title');
  });
}

function secretCard({ id, secret = '', name }: Credential): TemplateResult {
  return html`<div class="card medium">
    <h2 id="secret-title" tabindex="-1">${t('access.made', { name })}</h2>
    <p class="message warn">${t('access.once')}</p>
    <dl class="field">
      <dt>ID</dt>
      <dd class="mono">${id}</dd>
      <dt>${t('login.secret')}</dt>
      <dd class="mono">${secret}</dd>
    </dl>
    <div class="row">
      <button class="main" @click=${() => save('clouds.yaml', cloudsYaml(id, secret), 'application/yaml')}>
        ${t('access.clouds')}
      </button>
      <button @click=${() => void copy(secret)}>${t('access.copy')}</button>
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
}

/** What the openstack command reads. JSON strings are YAML strings. */
function cloudsYaml(id: string, secret: string): string {
  const identity = new URL('identity/v3', location.href).href;
  return `clouds:
  latchkey:
    auth_type: v3applicationcredential
    auth:
      auth_url: ${JSON.stringify(identity)}
      application_credential_id: ${JSON.stringify(id)}
      application_credential_secret: ${JSON.stringify(secret)}
`;
}

const table = (): TemplateResult =>
  html`<div class="card">
    <h2>${t('access.list')}</h2>
    <table class="stack">
      <caption>
        ${t('access.list')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('column.name')}</th>
          <th scope="col">${t('access.roles')}</th>
          <th scope="col">${t('column.expires')}</th>
          <th scope="col">${t('column.actions')}</th>
        </tr>
      </thead>
      <tbody>
        ${credentials.map(
          (each) =>
            html`<tr>
              <th scope="row">
                ${each.name}
                <div class="mono soft">${each.id}</div>
              </th>
              <td data-column=${t('access.roles')}>${each.roles.map(({ name }) => name).join(', ')}</td>
              <td data-column=${t('column.expires')}>
                ${each.expires_at === null ? t('never') : showDate(each.expires_at)}
              </td>
              <td class="actions">
                <button
                  class="small danger"
                  aria-label=${t('action.delete.of', { name: each.name })}
                  @click=${() => remove(each)}
                >
                  ${t('action.delete')}
                </button>
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

async function remove({ id, name }: Credential): Promise<void> {
  const isYes = await confirm({
    title: t('delete.title', { name }),
    body: t('access.delete'),
    action: t('action.delete'),
  });
  if (!isYes) return;
  await attempt(async () => {
    await send('DELETE', `${path()}/${encodeURIComponent(id)}`);
    await loadAccess();
    showNotice(t('deleted', { name }));
  });
}
