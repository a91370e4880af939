import { html, type TemplateResult } from './lit-html.js';
import { attempt, showNotice, update } from './app.js';
import { send } from './api.js';
import { confirm } from './dialog.js';
import { copy, fileName, save } from './files.js';
import { dateOf, type MessageKey, showDate, showTime, t } from './language.js';
import {
  hasProjectKeypairs,
  keypairPath,
  type KeypairRecord,
  listKeypairs,
  type Scope,
  showKeypair,
} from './records.js';

type Column = 'name' | 'created_at' | 'expires_at' | 'guests';

let records: readonly KeypairRecord[] | undefined;
let limit: number | undefined;
let search = '';
let form: 'sha256' | 'md5' = 'sha256';
let sortedBy: Column = 'name';
let isDescending = false;
/** A thousand rows at once would hold up the page, so each frame draws some more. */
const ROWS_PER_FRAME = 100;
let drawn = ROWS_PER_FRAME;

export async function loadKeypairs(): Promise<void> {
  await attempt(async () => {
    records = await listKeypairs(hasProjectKeypairs() ? { scope: 'all' } : {});
    const { body } = await send<{ limits: { absolute: { maxTotalKeypairs: number } } }>('GET', 'v2.1/limits');
    limit = body.limits.absolute.maxTotalKeypairs;
  });
}

/** Whether a keypair is found by a text: its name, comment, algorithm, or any form of its fingerprint. */
function isFound(record: KeypairRecord, text: string): boolean {
  const { name, comment, algorithm, fingerprint, fingerprints, note, tags } = record;
  const bare = text.replace(/^(sha256|md5):/, '');
  const labels = Object.entries(tags).map((tag) => tag.join('='));
  const places = [name, comment, algorithm, note, ...labels, ...Object.values(fingerprints), fingerprint];
  return places.some((place) => {
    const lower = (place ?? '').toLowerCase();
    return lower.includes(text) || (bare.length > 3 && lower.replaceAll(':', '').includes(bare.replaceAll(':', '')));
  });
}

function shownRecords(): readonly KeypairRecord[] {
  const text = search.trim().toLowerCase();
  const found = (records ?? []).filter((record) => text === '' || isFound(record, text));
  const order = (a: KeypairRecord, b: KeypairRecord): number => {
    if (sortedBy === 'guests') return a.guests - b.guests;
    // Those that never expire come last.
    const [left, right] = [a[sortedBy] ?? '\uffff', b[sortedBy] ?? '\uffff'];
    return left < right ? -1 : Number(left > right);
  };
  return found.toSorted((a, b) => (isDescending ? order(b, a) : order(a, b)));
}

export function keypairsScreen(scope?: Scope): TemplateResult {
  const title = scope === 'project' ? t('project.title') : t('keypairs.title');
  return html`<div class="row spread">
      <h1 tabindex="-1">${title}</h1>
      <div class="row">
        <a class="button main" href="#/new">${t('keypairs.new')}</a>
        <a class="button" href="#/import">${t('keypairs.import')}</a>
      </div>
    </div>
    ${scope === 'project' ? html`<p>${t('project.hint')}</p>` : undefined}
    ${records === undefined ? html`<p>${t('loading')}</p>` : list(records, scope)}`;
}

function list(all: readonly KeypairRecord[], scope: Scope | undefined): TemplateResult {
  const shown = shownRecords().filter((record) => scope === undefined || record.scope === scope);
  if (!all.some((record) => scope === undefined || record.scope === scope)) return empty();
  const own = all.filter((record) => record.scope === 'own').length;
  return html`<div class="card">
    <div class="row end spread">
      <div class="grow">
        <label for="search">${t('keypairs.search')}</label>
        <input
          id="search"
          type="search"
          autocomplete="off"
          .value=${search}
          @input=${(event: Event) => {
            search = (event.target as HTMLInputElement).value;
            drawn = ROWS_PER_FRAME;
            update();
          }}
        />
      </div>
      <div class="inline">
        <label for="form">${t('keypairs.fingerprints')}</label>
        <select
          id="form"
          @change=${(event: Event) => {
            form = (event.target as HTMLSelectElement).value as typeof form;
            update();
          }}
        >
          <option value="sha256">SHA256</option>
          <option value="md5">MD5, SHA-1</option>
        </select>
      </div>
      ${limit === undefined || limit < 0 ? undefined : quota(own, limit)}
    </div>
    <p class="soft" role="status">${t('keypairs.shown', { count: shown.length, all: all.length })}</p>
    <table class="stack">
      <caption>
        ${t('keypairs.title')}
      </caption>
      <thead>
        <tr>
          ${header('name')}
          <th scope="col">${t('column.fingerprint')}</th>
          ${header('created_at')} ${header('expires_at')} ${header('guests')}
          <th scope="col">${t('column.actions')}</th>
        </tr>
      </thead>
      <tbody>
        ${firstOf(shown).map(row)}
      </tbody>
    </table>
  </div>`;
}

function firstOf(shown: readonly KeypairRecord[]): readonly KeypairRecord[] {
  if (shown.length > drawn) {
    requestAnimationFrame(() => {
      drawn += ROWS_PER_FRAME;
      update();
    });
  }
  return shown.slice(0, drawn);
}

const empty = (): TemplateResult =>
  html`<div class="card">
    <h2>${t('keypairs.none')}</h2>
    <p>${t('keypairs.none.hint')}</p>
    <pre>latchkey keypair create laptop</pre>
  </div>`;

const quota = (used: number, max: number): TemplateResult =>
  html`<div>
    <label for="quota">${t('keypairs.quota', { used, max })}</label>
    <meter id="quota" min="0" max=${Math.max(max, 1)} high=${max * 0.9} value=${used}></meter>
  </div>`;

const COLUMNS: Readonly<Record<Column, MessageKey>> = {
  name: 'column.name',
  created_at: 'column.created',
  expires_at: 'column.expires',
  guests: 'column.guests',
};

function header(column: Column): TemplateResult {
  const isSorted = sortedBy === column;
  const direction = isDescending ? 'descending' : 'ascending';
  return html`<th scope="col" aria-sort=${isSorted ? direction : 'none'}>
    <button class="plain" @click=${() => sortBy(column)}>
      ${t(COLUMNS[column])}<span aria-hidden="true">${isSorted ? (isDescending ? ' ↓' : ' ↑') : ''}</span>
    </button>
  </th>`;
}

function sortBy(column: Column): void {
  isDescending = sortedBy === column && !isDescending;
  sortedBy = column;
  update();
}

export const place = ({ name, scope }: KeypairRecord): string => `#/keypairs/${scope}/${encodeURIComponent(name)}`;

/** The types: what is shown before the algorithm, and the extension of the file with the public key. */
const TYPES: Readonly<Record<KeypairRecord['type'], { readonly kind?: MessageKey; readonly extension: string }>> = {
  ssh: { extension: 'pub' },
  x509: { kind: 'kind.certificate', extension: 'crt' },
};

/** The kind of the key, such as `ssh-ed25519, 256 bits`. */
export function kindOf({ type, algorithm, bits }: Pick<KeypairRecord, 'type' | 'algorithm' | 'bits'>): string {
  const { kind } = TYPES[type];
  return [kind && t(kind), algorithm, bits === null ? undefined : t('bits', { bits })]
    .filter((part) => part !== undefined && part !== null)
    .join(', ');
}

function row(record: KeypairRecord): TemplateResult {
  const { name, scope, fingerprints, fingerprint, created_at: created, guests } = record;
  return html`<tr>
    <th scope="row">
      <a href=${place(record)}>${name}</a>
      ${scope === 'project' ? html`<span class="tag">${t('scope.project')}</span>` : undefined}
      ${record.delete_protected ? html`<span class="tag">${t('protected')}</span>` : undefined}
      <div class="soft">${kindOf(record)}</div>
      ${tagList(record)}
    </th>
    <td data-column=${t('column.fingerprint')}>
      <span class="mono">${form === 'sha256' ? (fingerprints.sha256 ?? fingerprint) : fingerprint}</span>
    </td>
    <td data-column=${t('column.created')}>
      <time datetime=${dateOf(created).toISOString()} title=${showTime(created)}>${showDate(created)}</time>
    </td>
    <td data-column=${t('column.expires')}>${expiry(record)}</td>
    <td data-column=${t('column.guests')}>${guests}</td>
    <td class="actions">
      <button class="small" @click=${() => copyKey(record)} aria-label=${t('action.copy.of', { name })}>
        ${t('action.copy')}
      </button>
      <button class="small" @click=${() => downloadKey(record)} aria-label=${t('action.download.of', { name })}>
        ${t('action.download')}
      </button>
      <button class="small danger" @click=${() => deleteKey(record)} aria-label=${t('action.delete.of', { name })}>
        ${t('action.delete')}
      </button>
    </td>
  </tr>`;
}

export const tagList = ({ tags }: KeypairRecord): readonly TemplateResult[] =>
  Object.entries(tags).map(
    ([name, value]) => html`<span class="tag">${value === '' ? name : `${name}=${value}`}</span> `,
  );

export function expiry({ expires_at: at, expired }: KeypairRecord): TemplateResult | string {
  if (at === null) return t('never');
  const time = html`<time datetime=${dateOf(at).toISOString()}>${showDate(at)}</time>`;
  return expired ? html`${time} <span class="tag bad">${t('expired')}</span>` : time;
}

export async function copyKey({ name, scope }: KeypairRecord): Promise<void> {
  await attempt(async () => {
    const { public_key: key } = await showKeypair(name, scope);
    if (!(await copy(key!, t('copied.key', { name })))) throw new Error(t('copy.refused'));
  });
}

export async function downloadKey({ name, scope }: KeypairRecord): Promise<void> {
  await attempt(async () => {
    const { public_key: key, type } = await showKeypair(name, scope);
    save(`${fileName(name)}.${TYPES[type].extension}`, key!.endsWith('\n') ? key! : `${key!}\n`);
  });
}

/** Deletes a keypair after a confirmation. For one that guests or other members use, the user has to type its name. */
export async function deleteKey({ name, scope, guests }: KeypairRecord): Promise<boolean> {
  const isShared = scope === 'project';
  const isYes = await confirm({
    title: t('delete.title', { name }),
    body: html`<p>${t('delete.hint')}</p>
      ${guests > 0 ? html`<p>${t('delete.attached', { count: guests })}</p>` : undefined}
      ${isShared ? html`<p>${t('delete.shared')}</p>` : undefined}`,
    action: t('action.delete'),
    ...((guests > 0 || isShared) && { typed: name }),
  });
  if (!isYes) return false;
  return attempt(async () => {
    await send('DELETE', keypairPath(name, scope));
    await loadKeypairs();
    showNotice(t('deleted', { name }));
  });
}
