import { html, type TemplateResult } from './lit-html.js';
import { update } from './app.js';
import { t } from './language.js';
import { beginSso, claim, type CodeRequired, current, hasSessions, logIn, logInBasic } from './session.js';

type Method = 'password' | 'application_credential';

let method: Method = 'password';
let problem = '';
let isBusy = false;
/** The log-in that needs a one-time code as well. */
let pending: (CodeRequired & { readonly user: string; readonly domain: string }) | undefined;

/** The form that finds out who the user is, on the page or above what is on it. */
export function loginForm(): TemplateResult {
  const { authMode } = current.settings;
  return html`<form id="log-in" @submit=${submit} autocomplete="on" novalidate>
    ${problem === '' ? undefined : html`<p class="message bad" role="alert" id="log-in-problem">${problem}</p>`}
    ${authMode === 'none' ? claimFields() : pending ? codeField() : fields(authMode)}
    <div class="row">
      <button class="main" ?disabled=${isBusy}>${isBusy ? t('login.busy') : t('login.submit')}</button>
      ${pending ? html`<button type="button" @click=${startAgain}>${t('login.back')}</button>` : undefined}
      ${
        current.isRenewed && !current.isExpired
          ? html`<button type="button" @click=${() => renew(false)}>${t('dialog.cancel')}</button>`
          : undefined
      }
    </div>
  </form>`;
}

const isWrong = (): 'true' | 'false' => (problem === '' ? 'false' : 'true');

function input(
  id: string,
  label: string,
  more: { type?: string; complete?: string; value?: string } = {},
): TemplateResult {
  return html`<div class="field">
    <label for="log-in-${id}">${label}</label>
    <input
      id="log-in-${id}"
      name=${id}
      type=${more.type ?? 'text'}
      autocomplete=${more.complete ?? 'off'}
      autocapitalize="none"
      spellcheck="false"
      value=${more.value ?? ''}
      aria-invalid=${isWrong()}
      required
    />
  </div>`;
}

function fields(authMode: string): TemplateResult {
  const secret = { type: 'password', complete: 'current-password' };
  return html`${
    hasSessions()
      ? html`<fieldset>
          <legend>${t('login.method')}</legend>
          ${(['password', 'application_credential'] as const).map(
            (each) =>
              html`<label class="check"
                ><input
                  type="radio"
                  name="method"
                  value=${each}
                  .checked=${method === each}
                  @change=${() => choose(each)}
                />
                ${t(`login.method.${each}`)}</label
              >`,
          )}
        </fieldset>`
      : undefined
  }
  ${
    method === 'password'
      ? html`${input('user', t('login.user'), { complete: 'username' })}
        ${input('password', t('login.password'), secret)}
        ${authMode === 'keystone' ? input('domain', t('login.domain'), { value: 'Default' }) : undefined}`
      : html`${input('id', t('login.id'))} ${input('secret', t('login.secret'), { type: 'password' })}`
  }`;
}

const codeField = (): TemplateResult =>
  html`<p>${t('login.code.hint')}</p>
    <div class="field">
      <label for="log-in-passcode">${t('login.code')}</label>
      <input
        id="log-in-passcode"
        name="passcode"
        inputmode="numeric"
        autocomplete="one-time-code"
        aria-invalid=${isWrong()}
        required
      />
    </div>`;

const claimFields = (): TemplateResult =>
  html`<p>${t('login.none.hint')}</p>
    ${input('user', t('login.user.id'), { value: 'admin' })}
    ${input('project', t('login.project.id'), { value: 'admin' })}`;

function choose(next: Method): void {
  method = next;
  problem = '';
  update();
}

function startAgain(): void {
  pending = undefined;
  problem = '';
  update();
}

async function submit(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const given = Object.fromEntries(new FormData(form)) as Record<string, string>;
  const empty = [...form.querySelectorAll<HTMLInputElement>('input[required]')].find(
    ({ value }) => value.trim() === '',
  );
  if (empty) {
    problem = t('login.empty');
    update();
    empty.focus();
    return;
  }
  isBusy = true;
  problem = '';
  update();
  try {
    await prove(given);
    form.reset();
  } catch (error) {
    problem = (error as Error).message;
  } finally {
    isBusy = false;
    update();
  }
  if (problem !== '') form.querySelector<HTMLInputElement>('input:not([type=radio])')?.focus();
}

async function prove(given: Record<string, string>): Promise<void> {
  const { authMode } = current.settings;
  if (authMode === 'none') return claim(given.user, given.project);
  if (authMode === 'http_basic') return logInBasic(given.user, given.password);
  if (pending) {
    const { receipt, user, domain } = pending;
    await logIn({ method: 'totp', user, domain, receipt, passcode: given.passcode });
    pending = undefined;
    return;
  }
  if (method === 'application_credential') {
    await logIn({ method, id: given.id, secret: given.secret });
    return;
  }
  const { user, password, domain = 'Default' } = given;
  const more = await logIn({ method, user, password, domain });
  if (more) pending = { ...more, user, domain };
}

/** Log-ins at Keystone. They leave the page. */
const ssoButtons = (): TemplateResult[] =>
  current.settings.sso.map(
    ({ label, url }) =>
      html`<p>
        <button @click=${() => beginSso(url)}>${label}</button>
      </p>`,
  );

/** The whole page for those who are not logged in. */
export const loginScreen = (): TemplateResult =>
  html`<div class="card narrow">
    <h1 tabindex="-1">${t('login.title')}</h1>
    ${ssoButtons()} ${loginForm()}
  </div>`;

/** Opens or closes the dialog in which a user logs in before the session ends. */
export function renew(isRenewed: boolean): void {
  current.isRenewed = isRenewed;
  problem = '';
  update();
}

/** The same above a page whose session has ended, or is about to: its content stays. */
export const loginDialog = (): TemplateResult =>
  html`<dialog
    data-modal
    aria-labelledby="expired-title"
    @cancel=${(event: Event) => {
      event.preventDefault();
      if (!current.isExpired) renew(false);
    }}
  >
    <h2 id="expired-title">${t(current.isExpired ? 'expired.title' : 'ends.title')}</h2>
    <p>${t('expired.hint')}</p>
    ${loginForm()} ${current.settings.sso.length > 0 ? html`<p>${t('expired.sso')}</p>` : undefined} ${ssoButtons()}
  </dialog>`;
