import { html, type TemplateResult } from './lit-html.js';
import { attempt, focusOn, showNotice, textIn } from './app.js';
import { send } from './api.js';
import { t } from './language.js';
import { current } from './session.js';

const PATH = 'console/one-time-code';

let isRequired = false;
/** The secret that an authenticator is to take over, and its QR code as SVG. */
let proposal: { readonly secret: string; readonly picture: string } | undefined;

export async function loadCodes(): Promise<void> {
  proposal = undefined;
  if (!current.settings.hasOneTimeCodes) return;
  isRequired = (await send<{ required: boolean }>('GET', PATH)).body.required;
}

export function codesCard(): TemplateResult | undefined {
  if (!current.settings.hasOneTimeCodes) return undefined;
  return html`<form class="card medium" @submit=${store} autocomplete="off">
    <h2 id="codes" tabindex="-1">${t('codes.title')}</h2>
    <p>${t(isRequired ? 'codes.on' : 'codes.off')}</p>
    ${
      proposal
        ? html`<p>${t('codes.scan')}</p>
            <img
              class="qr"
              alt=${t('codes.picture')}
              src="data:image/svg+xml,${encodeURIComponent(proposal.picture)}"
            />
            <p class="mono" id="codes-secret">${proposal.secret}</p>`
        : undefined
    }
    ${isRequired || proposal ? fields() : html`<button type="button" class="main" @click=${propose}>${t('codes.begin')}</button>`}
  </form>`;
}

const fields = (): TemplateResult =>
  html`<div class="grid">
      ${
        isRequired
          ? undefined
          : html`<div class="field">
              <label for="codes-password">${t('login.password')}</label>
              <input id="codes-password" name="password" type="password" autocomplete="current-password" required />
            </div>`
      }
      <div class="field">
        <label for="codes-passcode">${t('login.code')}</label>
        <input id="codes-passcode" name="passcode" inputmode="numeric" autocomplete="one-time-code" required />
      </div>
    </div>
    <button class=${isRequired ? 'danger' : 'main'}>${t(isRequired ? 'codes.end' : 'codes.store')}</button>`;

async function propose(): Promise<void> {
  await attempt(async () => {
    proposal = (await send<NonNullable<typeof proposal>>('POST', PATH, {})).body;
  });
  focusOn('codes');
}

async function store(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const proof = isRequired ? { secret: null } : { secret: proposal!.secret, password: given.get('password') };
  await attempt(async () => {
    await send('PUT', PATH, { ...proof, passcode: textIn(given, 'passcode') });
    await loadCodes();
    showNotice(t(isRequired ? 'codes.stored' : 'codes.ended'));
    focusOn('codes');
  });
}
