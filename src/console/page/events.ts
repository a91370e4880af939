import { html, type TemplateResult } from './lit-html.js';
import { attempt } from './app.js';
import { isAdministrator } from './admin.js';
import { type MessageKey, showTime, t } from './language.js';
import { type KeypairRecord, listAll } from './records.js';
import { current } from './session.js';
import { hasWebhooks, loadWebhooks, webhooksCard } from './webhooks.js';

/** An event as `/v1/events` lists it. */
export interface Event {
  readonly event_id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: {
    readonly actor: string;
    readonly user_id: string | null;
    readonly project_id: string | null;
  } & Readonly<Record<string, unknown>>;
}

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30] as const;
/** More than a reader goes through. */
const MAX_SHOWN = 500;

let events: readonly Event[] = [];
let days: number = DAYS[0];
let isOfAll = false;

/** The initial content of the screen. */
export async function enterEvents(): Promise<void> {
  await loadEvents();
  await attempt(loadWebhooks);
}

async function loadEvents(): Promise<void> {
  await attempt(async () => {
    const since = new Date(Date.now() - days * DAY_MS).toISOString();
    const all = { all_users: String(isOfAll && isAdministrator()) };
    events = (await listAll<Event>('v1/events', 'events', { since, ...all })).toReversed();
  });
}

export function eventsScreen(): TemplateResult {
  return html`<h1 tabindex="-1">${t('events.title')}</h1>
    <div class="card">
      <div class="grid">
        <div class="field">
          <label for="events-days">${t('events.days')}</label>
          <select
            id="events-days"
            @change=${(event: { readonly target: HTMLSelectElement }) => {
              days = Number(event.target.value);
              void loadEvents();
            }}
          >
            ${DAYS.map((each) => html`<option .selected=${each === days} value=${each}>${each}</option>`)}
          </select>
        </div>
        ${isAdministrator() ? ofAll() : undefined}
      </div>
      <p class="soft" role="status">${t('events.count', { count: events.length })}</p>
      ${events.length > 0 ? table(events.slice(0, MAX_SHOWN)) : undefined}
    </div>
    ${hasWebhooks() ? webhooksCard() : undefined}`;
}

const ofAll = (): TemplateResult =>
  html`<label class="check">
    <input
      type="checkbox"
      .checked=${isOfAll}
      @change=${(event: { readonly target: HTMLInputElement }) => {
        isOfAll = event.target.checked;
        void loadEvents();
      }}
    />
    ${t('events.all')}
  </label>`;

/** A column: its title, and what is in it. */
type Column = readonly [MessageKey, (event: Event) => TemplateResult | string];

const TIME: Column = ['events.time', ({ timestamp }) => showTime(timestamp)];
const ACTOR: Column = ['events.actor', ({ data }) => html`<span class="mono">${data.actor}</span>`];
const COLUMNS: readonly Column[] = [
  TIME,
  ['column.name', ({ data }) => nameIn(data)],
  ACTOR,
  ['admin.owner', ({ data }) => html`<span class="mono">${data.user_id ?? data.project_id}</span>`],
];

const table = (rows: readonly Event[], columns = COLUMNS): TemplateResult =>
  html`<table class="stack">
    <caption>
      ${t('events.title')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${t('events.what')}</th>
        ${columns.map(([title]) => html`<th scope="col">${t(title)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (event) =>
          html`<tr>
            <th scope="row">${t(`event.${event.type}` as MessageKey)}</th>
            ${columns.map(([title, show]) => html`<td data-column=${t(title)}>${show(event)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;

/** What was changed, by the name that it has. */
const nameIn = ({ name, keypair, serial }: Event['data']): string =>
  [name, keypair, serial].filter((each) => each !== undefined && each !== null).map(String)[0] ?? '';

/** What happened to a keypair, the newest first. */
export async function loadHistory({ name, scope }: KeypairRecord): Promise<readonly Event[]> {
  const all = await listAll<Event>('v1/events', 'events', { type: 'keypair.*', scope });
  const isOwn = ({ data }: Event): boolean => scope === 'project' || data.user_id === current.session?.user.id;
  return all.filter((each) => each.data.name === name && each.data.scope === scope && isOwn(each)).toReversed();
}

export const historyTable = (rows: readonly Event[]): TemplateResult | undefined =>
  rows.length === 0
    ? undefined
    : html`<div class="card">
        <h2>${t('events.title')}</h2>
        ${table(rows.slice(0, MAX_SHOWN), [TIME, ACTOR])}
      </div>`;
