import { html, type TemplateResult } from './lit-html.js';
import { attempt, showProblem, showNotice, update } from './app.js';
import { send } from './api.js';
import { confirm } from './dialog.js';
import { showDate, t } from './language.js';
import { expiry, kindOf } from './keypairs.js';
import { type KeypairRecord, listKeypairs } from './records.js';
import { hasRole } from './session.js';

interface Prune {
  readonly deleted: readonly { readonly name: string; readonly fingerprint: string }[];
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
}

let found: readonly KeypairRecord[] | undefined;
/** What a prune would do, and the order that would do it. */
let preview: { readonly order: object; readonly user: string; readonly result: Prune } | undefined;

export const isAdministrator = (): boolean => hasRole('admin');

export function adminScreen(): TemplateResult {
  return html`<h1 tabindex="-1">${t('admin.title')}</h1>
    ${searchForm()} ${quotaForm()} ${pruneForm()}`;
}

const textField = (id: string, label: string, more: { type?: string; hint?: string } = {}): TemplateResult =>
  html`<div class="field">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      name=${id}
      type=${more.type ?? 'text'}
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
    />
    ${more.hint === undefined ? undefined : html`<p class="hint">${more.hint}</p>`}
  </div>`;

const fieldsOf = (event: SubmitEvent): Record<string, string> => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.trim()]));
};

const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

type Report = 'all' | 'weak' | 'expiring' | 'unused';

/** Keypairs that need attention: what the service finds, and which of that. */
const REPORTS: Readonly<
  Record<Report, { readonly query: Record<string, string>; readonly isIn: (record: KeypairRecord) => boolean }>
> = {
  all: { query: {}, isIn: () => true },
  weak: { query: {}, isIn: isWeak },
  expiring: { query: {}, isIn: (record) => (endOf(record) ?? '~') < inDays(30) },
  unused: { query: { unused_for: '90d' }, isIn: () => true },
};

/** DSA, RSA of fewer bits than BSI TR-02102-1 recommends, and what no parser reads. */
function isWeak({ algorithm, bits }: KeypairRecord): boolean {
  return algorithm === null || ['ssh-dss', 'dsa'].includes(algorithm) || (/rsa/.test(algorithm) && (bits ?? 0) < 3000);
}

/** When a keypair ends, or its certificate before it; times of the service compare as texts. */
const endOf = ({ expires_at: end, certificate }: KeypairRecord): string | undefined =>
  [end, certificate?.not_after].filter((each) => typeof each === 'string').toSorted()[0];

function searchForm(): TemplateResult {
  return html`<form class="card" @submit=${search}>
    <h2>${t('admin.search')}</h2>
    <div class="grid">
      ${textField('search-user', t('login.user.id'), { hint: t('admin.search.hint') })}
      ${textField('search-fingerprint', t('column.fingerprint'))}
      <div class="field">
        <label for="search-report">${t('admin.report')}</label>
        <select id="search-report" name="search-report">
          ${(Object.keys(REPORTS) as Report[]).map(
            (each) => html`<option value=${each}>${t(`admin.report.${each}`)}</option>`,
          )}
        </select>
      </div>
    </div>
    <button class="main">${t('admin.find')}</button>
    ${
      found === undefined
        ? undefined
        : html`<p class="soft" role="status">${t('admin.found', { count: found.length })}</p>
            ${found.length > 0 ? table(found) : undefined}`
    }
  </form>`;
}

async function search(event: SubmitEvent): Promise<void> {
  const { 'search-user': user, 'search-fingerprint': fingerprint, 'search-report': report } = fieldsOf(event);
  const { query, isIn } = REPORTS[report as Report];
  await attempt(async () => {
    const owner: Record<string, string> = user === '' ? { all_users: 'true' } : { user_id: user };
    const all = await listKeypairs({ ...owner, ...query, ...(fingerprint !== '' && { fingerprint }) });
    found = all.filter(isIn);
  });
}

const table = (records: readonly KeypairRecord[]): TemplateResult =>
  html`<table class="stack">
    <caption>
      ${t('admin.search')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${t('column.name')}</th>
        <th scope="col">${t('admin.owner')}</th>
        <th scope="col">${t('column.fingerprint')}</th>
        <th scope="col">${t('column.created')}</th>
        <th scope="col">${t('column.expires')}</th>
      </tr>
    </thead>
    <tbody>
      ${records.map(
        (record) =>
          html`<tr>
            <th scope="row">
              ${record.name}
              <div class="soft">${kindOf(record)}</div>
            </th>
            <td data-column=${t('admin.owner')}>
              <span class="mono">${record.project_id ?? record.user_id}</span>
              ${record.scope === 'project' ? html`<span class="tag">${t('scope.project')}</span>` : undefined}
            </td>
            <td data-column=${t('column.fingerprint')}>
              <span class="mono">${record.fingerprints.sha256 ?? record.fingerprint}</span>
            </td>
            <td data-column=${t('column.created')}>${showDate(record.created_at)}</td>
            <td data-column=${t('column.expires')}>${expiry(record)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const quotaForm = (): TemplateResult =>
  html`<form class="card" @submit=${changeQuota}>
    <h2>${t('admin.quota')}</h2>
    <div class="grid">
      ${textField('quota-project', t('login.project.id'))} ${textField('quota-user', t('admin.quota.user'))}
      ${textField('quota-limit', t('admin.quota.limit'), { type: 'number', hint: t('admin.quota.hint') })}
    </div>
    <div class="row">
      <button class="main">${t('admin.quota.set')}</button>
      <button name="action" value="show">${t('admin.quota.show')}</button>
      <button name="action" value="reset">${t('admin.quota.reset')}</button>
    </div>
  </form>`;

async function changeQuota(event: SubmitEvent): Promise<void> {
  const { 'quota-project': project, 'quota-user': user, 'quota-limit': limit } = fieldsOf(event);
  const action = (event.submitter as HTMLButtonElement).value;
  if (project === '' || (limit === '' && action === '')) return showProblem(t('admin.quota.empty'));
  const path = `v2.1/os-quota-sets/${encodeURIComponent(project)}`;
  const query = user === '' ? '' : `?${new URLSearchParams({ user_id: user })}`;
  await attempt(async () => {
    if (action === '') await send('PUT', path + query, { quota_set: { key_pairs: Number(limit) } });
    if (action === 'reset') await send('DELETE', path + query);
    const { body } = await send<{ quota_set: { key_pairs: number } }>('GET', path + query);
    showNotice(t('admin.quota.done', { limit: body.quota_set.key_pairs }));
  });
}

function pruneForm(): TemplateResult {
  return html`<form class="card" @submit=${previewPrune}>
    <h2>${t('admin.prune')}</h2>
    <p>${t('admin.prune.hint')}</p>
    <div class="grid">
      ${textField('prune-user', t('admin.prune.user'))} ${textField('prune-prefix', t('admin.prune.prefix'))}
      ${textField('prune-older', t('admin.prune.older'), { type: 'number' })}
      ${textField('prune-unused', t('admin.prune.unused'), { type: 'number' })}
    </div>
    <label class="check field"
      ><input type="checkbox" name="prune-expired" /> <span>${t('admin.prune.expired')}</span></label
    >
    <button class="main">${t('admin.prune.preview')}</button>
    ${preview ? previewed(preview) : undefined}
  </form>`;
}

async function previewPrune(event: SubmitEvent): Promise<void> {
  const given = fieldsOf(event);
  const days = (value: string): string | undefined => (value === '' ? undefined : `${Number(value)}d`);
  const bounds = {
    name_prefix: given['prune-prefix'] || undefined,
    older_than: days(given['prune-older']),
    unused_for: days(given['prune-unused']),
    expired: 'prune-expired' in given ? true : undefined,
  };
  const order = Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined));
  preview = undefined;
  if (Object.keys(order).length === 0) return showProblem(t('admin.prune.empty'));
  await attempt(async () => {
    const user = given['prune-user'];
    preview = { order, user, result: await prune({ ...order, dry_run: true }, user) };
  });
}

async function prune(order: object, user: string): Promise<Prune> {
  const query = user === '' ? '' : `?${new URLSearchParams({ user_id: user })}`;
  return (await send<{ prune: Prune }>('POST', `v1/keypair-prunes${query}`, { prune: order })).body.prune;
}

function previewed({ result }: NonNullable<typeof preview>): TemplateResult {
  const { deleted, kept } = result;
  return html`<div role="status">
      <h3>${t('admin.prune.would', { count: deleted.length })}</h3>
      <ul>
        ${deleted.map(({ name }) => html`<li>${name}</li>`)}
      </ul>
      ${
        kept.length === 0
          ? undefined
          : html`<h3>${t('admin.prune.kept', { count: kept.length })}</h3>
              <ul>
                ${kept.map(({ name, reason }) => html`<li>${name} (${reason})</li>`)}
              </ul>`
      }
    </div>
    ${
      deleted.length === 0
        ? undefined
        : html`<button type="button" class="danger" @click=${runPrune}>
            ${t('admin.prune.run', { count: deleted.length })}
          </button>`
    }`;
}

async function runPrune(): Promise<void> {
  const { order, user, result } = preview!;
  const count = result.deleted.length;
  const isYes = await confirm({
    title: t('admin.prune.run', { count }),
    body:
      user === ''
        ? t('delete.hint')
        : html`<p>${t('admin.prune.of', { user })}</p>
            ${t('delete.hint')}`,
    action: t('action.delete'),
    typed: String(count),
  });
  if (!isYes) return;
  await attempt(async () => {
    const { deleted } = await prune({ ...order, dry_run: false }, user);
    preview = undefined;
    update();
    showNotice(t('admin.prune.done', { count: deleted.length }));
  });
}
