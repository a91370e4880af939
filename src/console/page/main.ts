import { html, nothing, render, type TemplateResult } from './lit-html.js';
import { accessScreen, hasAccess, loadAccess } from './access.js';
import { adminScreen, isAdministrator } from './admin.js';
import { attempt, clearNotice, notice, onUpdate, showNotice, update } from './app.js';
import { dialog, openDialogs } from './dialog.js';
import { enterEvents, eventsScreen } from './events.js';
import { guestsScreen, loadGuests } from './guests.js';
import { importScreen } from './import-keys.js';
import { keypairScreen, loadKeypair } from './keypair.js';
import { keypairsScreen, loadKeypairs } from './keypairs.js';
import { currentLanguage, LANGUAGES, loadLanguage, type MessageKey, t } from './language.js';
import { loginDialog, loginScreen, renew } from './login.js';
import { hasUnsavedKey, newKeyScreen, prepareNewKey } from './new-key.js';
import { hasGuests, hasProjectKeypairs } from './records.js';
import { changeProject, current, hasSessions, loadSettings, logOut, restore } from './session.js';

/** A screen of the console. */
interface Screen {
  /** The address behind `#/`, which may have more words behind it. */
  readonly place: string;
  /** Its name in the navigation; without one it is not listed. */
  readonly title?: MessageKey;
  readonly isOffered?: () => boolean;
  readonly enter?: (words: readonly string[]) => void | Promise<void>;
  readonly view: () => TemplateResult;
}

const SCREENS: readonly Screen[] = [
  { place: 'keypairs', title: 'keypairs.title', enter: loadKeypairs, view: () => keypairsScreen() },
  { place: 'new', title: 'new.title', enter: prepareNewKey, view: newKeyScreen },
  { place: 'import', title: 'import.title', view: importScreen },
  {
    place: 'project',
    title: 'project.title',
    isOffered: hasProjectKeypairs,
    enter: loadKeypairs,
    view: () => keypairsScreen('project'),
  },
  { place: 'guests', title: 'guests.title', isOffered: hasGuests, enter: loadGuests, view: guestsScreen },
  { place: 'events', title: 'events.title', enter: enterEvents, view: eventsScreen },
  { place: 'access', title: 'access.title', isOffered: hasAccess, enter: loadAccess, view: accessScreen },
  { place: 'admin', title: 'admin.title', isOffered: isAdministrator, view: adminScreen },
];

/** One keypair: `keypairs/SCOPE/NAME`. */
const KEYPAIR: Screen = { place: 'keypairs', enter: loadKeypair, view: keypairScreen };

const root = document.getElementById('console')!;
let screen = SCREENS[0];

const offered = (): readonly Screen[] => SCREENS.filter(({ isOffered }) => isOffered?.() ?? true);

/** The words of the address. */
const words = (): string[] => location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);

async function enter(): Promise<void> {
  const [place = '', ...more] = words();
  const isKeypair = place === KEYPAIR.place && more.length > 1;
  screen = isKeypair ? KEYPAIR : (offered().find((each) => each.place === place) ?? SCREENS[0]);
  clearNotice();
  if (!current.session) return;
  const before = document.activeElement;
  await screen.enter?.(more);
  update();
  queueMicrotask(() => {
    // What is loaded late does not take the focus from where the user has put it meanwhile.
    if ([before, document.body].includes(document.activeElement)) root.querySelector<HTMLElement>('h1')?.focus();
  });
}

function view(): TemplateResult {
  const { session, settings } = current;
  return html`<a class="skip" href="#main" @click=${skip}>${t('skip')}</a>
    ${settings.authMode === 'none' ? html`<aside class="banner" aria-label="AUTH_MODE=none">${t('none.banner')}</aside>` : undefined}
    <header class="top">
      <a class="name" href="#/keypairs"><img src="console/icon.svg" alt="" />Latchkey</a>
      ${session ? account() : undefined}
      <label for="language"
        ><span class="sr">${t('language')}</span>
        <select id="language" @change=${(event: Event) => void speak((event.target as HTMLSelectElement).value)}>
          ${Object.entries(LANGUAGES).map(
            ([code, name]) =>
              html`<option value=${code} lang=${code} .selected=${code === currentLanguage()}>${name}</option>`,
          )}
        </select>
      </label>
    </header>
    ${session ? navigation() : undefined}
    <main id="main" tabindex="-1">
      <div role="status" aria-live="polite">
        ${notice.text === '' ? undefined : html`<p class="message good">${notice.text}</p>`}
      </div>
      <div role="alert">${notice.problem === '' ? undefined : html`<p class="message bad">${notice.problem}</p>`}</div>
      ${session && current.endsSoon && !current.isExpired ? endsSoon() : undefined}
      ${session ? screen.view() : loginScreen()}
    </main>
    ${dialog()} ${current.isExpired || current.isRenewed ? loginDialog() : undefined}`;
}

/** A plain link would replace the address of the screen. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function account(): TemplateResult {
  const { user, project, projects } = current.session!;
  return html`<span>${user.name}</span>
    ${
      projects.length > 1
        ? html`<label for="project"
            >${t('project')}
            <select id="project" @change=${(event: Event) => void switchTo((event.target as HTMLSelectElement).value)}>
              ${projects.map(
                ({ id, name }) => html`<option value=${id} .selected=${id === project?.id}>${name}</option>`,
              )}
            </select>
          </label>`
        : html`<span>${project === null ? '' : `${t('project')} ${project.name}`}</span>`
    }
    <button @click=${() => void logOut()}>${t('logout')}</button>`;
}

const navigation = (): TemplateResult =>
  html`<nav class="places" aria-label=${t('navigation')}>
    <ul>
      ${offered()
        .filter(({ title }) => title !== undefined)
        .map(
          ({ place, title }) =>
            html`<li>
              <a href="#/${place}" aria-current=${screen.place === place ? 'page' : nothing}>${t(title!)}</a>
            </li>`,
        )}
    </ul>
  </nav>`;

const endsSoon = (): TemplateResult =>
  html`<div class="message warn row spread" role="alert">
    <span>${t('ends.soon')}</span>
    <button @click=${() => renew(true)}>${t('ends.stay')}</button>
  </div>`;

async function speak(language: string): Promise<void> {
  await loadLanguage(language);
  update();
}

async function switchTo(project: string): Promise<void> {
  if (!(await attempt(() => changeProject(project)))) return;
  await enter();
  showNotice(t('project.changed', { project: current.session?.project?.name ?? '' }));
}

function paint(): void {
  const title = current.session ? t(screen.title ?? 'keypairs.title') : t('login.title');
  document.title = `${title} · Latchkey`;
  render(view(), root);
  openDialogs(root);
}

addEventListener('hashchange', () => void enter());
addEventListener('beforeunload', (event) => {
  if (hasUnsavedKey()) event.preventDefault();
});

await Promise.all([loadLanguage(), loadSettings()]);
await restore().catch(() => undefined);
let isIn = current.session !== undefined;
onUpdate(() => {
  const wasIn = isIn;
  isIn = current.session !== undefined;
  if (isIn && !wasIn) void enter();
  paint();
});
if (!hasSessions() || !isIn) update();
await enter();
update();
