import { html, type TemplateResult } from './lit-html.js';
import { attempt, showProblem, showNotice, textIn, update } from './app.js';
import { download, send } from './api.js';
import { fromBase64 } from '../../key-formats/bytes.js';
import { decryptPkcs1 } from '../../key-formats/decrypt-pkcs1.js';
import { readOpenSsh, UnreadableKey } from '../../key-formats/openssh.js';
import { readPkcs8 } from '../../key-formats/pkcs8.js';
import type { WebCrypto } from '../../key-formats/web-crypto.js';
import { confirm } from './dialog.js';
import { fileName, save } from './files.js';
import { showTime, t } from './language.js';
import { hasProjectKeypairs, type KeypairRecord, listKeypairs } from './records.js';
import { current } from './session.js';

interface Guest {
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly key_names: readonly string[];
  readonly follow_keys: boolean;
  readonly last_fetched_at: string | null;
}

let guests: readonly Guest[] | undefined;
let keypairs: readonly KeypairRecord[] = [];
let isAdding = false;
/** The guest whose password is shown, and the password once it is decrypted. */
let unlocking: { readonly guest: Guest; password: string | undefined } | undefined;

/** A guest belongs to a project. */
export const hasGuests = (): boolean => !!current.session && current.session.project !== null;

export async function loadGuests(): Promise<void> {
  unlocking = undefined;
  await attempt(async () => {
    guests = (await send<{ guests: readonly Guest[] }>('GET', 'v1/guests')).body.guests;
    keypairs = await listKeypairs(hasProjectKeypairs() ? { scope: 'all' } : {});
  });
}

export function guestsScreen(): TemplateResult {
  return html`<div class="row spread">
      <h1 tabindex="-1">${t('guests.title')}</h1>
      ${
        isAdding
          ? undefined
          : html`<button
              class="main"
              @click=${() => {
                isAdding = true;
                update();
              }}
            >
              ${t('guests.new')}
            </button>`
      }
    </div>
    ${isAdding ? form() : undefined} ${unlocking ? passwordCard(unlocking) : undefined}
    ${guests === undefined ? html`<p>${t('loading')}</p>` : guests.length === 0 ? empty() : table(guests)}`;
}

const empty = (): TemplateResult => html`<div class="card"><p>${t('guests.none')}</p></div>`;

function form(): TemplateResult {
  return html`<form class="card medium" @submit=${create} autocomplete="off" novalidate>
    <h2>${t('guests.new')}</h2>
    <div class="grid">
      <div class="field">
        <label for="guest-name">${t('column.name')}</label>
        <input id="guest-name" name="name" maxlength="255" autocapitalize="none" spellcheck="false" />
      </div>
      <div class="field">
        <label for="guest-id">${t('guests.id')}</label>
        <input id="guest-id" name="id" autocapitalize="none" spellcheck="false" aria-describedby="guest-id-hint" />
        <p class="hint" id="guest-id-hint">${t('guests.id.hint')}</p>
      </div>
      <div class="field">
        <label for="guest-addresses">${t('guests.addresses')}</label>
        <input id="guest-addresses" name="addresses" spellcheck="false" aria-describedby="guest-addresses-hint" />
        <p class="hint" id="guest-addresses-hint">${t('guests.addresses.hint')}</p>
      </div>
    </div>
    <fieldset>
      <legend>${t('keypairs.title')}</legend>
      ${keypairs
        .filter(({ expired }) => !expired)
        .map(
          ({ name }) =>
            html`<label class="check"><input type="checkbox" name="key" value=${name} /> <span>${name}</span></label>`,
        )}
    </fieldset>
    <label class="check field"><input type="checkbox" name="follow" /> <span>${t('guests.follow')}</span></label>
    <div class="row">
      <button class="main">${t('guests.create')}</button>
      <button
        type="button"
        @click=${() => {
          isAdding = false;
          update();
        }}
      >
        ${t('dialog.cancel')}
      </button>
    </div>
  </form>`;
}

async function create(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const name = textIn(given, 'name');
  if (name === '') {
    showProblem(t('login.empty'));
    document.getElementById('guest-name')?.focus();
    return;
  }
  const addresses = textIn(given, 'addresses')
    .split(/[\s,]+/)
    .filter((each) => each !== '');
  const guest = {
    name,
    key_names: [...new Set(given.getAll('key'))],
    follow_keys: given.has('follow'),
    ...(textIn(given, 'id') !== '' && { id: textIn(given, 'id') }),
    ...(addresses.length > 0 && { addresses }),
  };
  await attempt(async () => {
    await send('POST', 'v1/guests', { guest });
    isAdding = false;
    await loadGuests();
    showNotice(t('guests.created', { name }));
  });
}

const table = (shown: readonly Guest[]): TemplateResult =>
  html`<div class="card">
    <table class="stack">
      <caption>
        ${t('guests.title')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('column.name')}</th>
          <th scope="col">${t('keypairs.title')}</th>
          <th scope="col">${t('guests.addresses')}</th>
          <th scope="col">${t('guests.fetched')}</th>
          <th scope="col">${t('column.actions')}</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map(row)}
      </tbody>
    </table>
  </div>`;

function row(guest: Guest): TemplateResult {
  const { name, id, addresses, key_names: keys, last_fetched_at: fetched } = guest;
  return html`<tr>
    <th scope="row">
      ${name}
      <div class="mono soft">${id}</div>
    </th>
    <td data-column=${t('keypairs.title')}>${keys.join(', ') || '–'}</td>
    <td data-column=${t('guests.addresses')}><span class="mono">${addresses.join(', ') || '–'}</span></td>
    <td data-column=${t('guests.fetched')}>${fetched === null ? t('never') : showTime(fetched)}</td>
    <td class="actions">
      <button class="small" aria-label=${t('guests.drive.of', { name })} @click=${() => drive(guest)}>
        ${t('guests.drive')}
      </button>
      <button class="small" aria-label=${t('guests.password.of', { name })} @click=${() => unlock(guest)}>
        ${t('login.password')}
      </button>
      <button class="small danger" aria-label=${t('action.delete.of', { name })} @click=${() => remove(guest)}>
        ${t('action.delete')}
      </button>
    </td>
  </tr>`;
}

async function drive({ id, name }: Guest): Promise<void> {
  await attempt(async () => {
    const path = `v1/guests/${encodeURIComponent(id)}/config-drive`;
    save(`${fileName(name)}-config-drive.iso`, await download(path, { Accept: '*/*' }));
  });
}

async function remove({ id, name }: Guest): Promise<void> {
  const isYes = await confirm({
    title: t('delete.title', { name }),
    body: t('guests.delete'),
    action: t('action.delete'),
    typed: name,
  });
  if (!isYes) return;
  await attempt(async () => {
    await send('DELETE', `v1/guests/${encodeURIComponent(id)}`);
    await loadGuests();
    showNotice(t('deleted', { name }));
  });
}

function unlock(guest: Guest): void {
  unlocking = { guest, password: undefined };
  update();
  setTimeout(() => document.getElementById('password-title')?.focus());
}

function passwordCard({ guest, password }: NonNullable<typeof unlocking>): TemplateResult {
  return html`<form class="card medium" @submit=${decrypt} autocomplete="off">
    <h2 id="password-title" tabindex="-1">${t('guests.password.of', { name: guest.name })}</h2>
    ${
      password === undefined
        ? html`<p>${t('guests.password.hint')}</p>
            <div class="grid">
              <div class="field">
                <label for="private-file">${t('guests.password.file')}</label>
                <input id="private-file" name="file" type="file" required />
              </div>
              <div class="field">
                <label for="private-passphrase">${t('new.passphrase')}</label>
                <input id="private-passphrase" name="passphrase" type="password" autocomplete="off" />
              </div>
            </div>`
        : html`<p><code id="guest-password">${password}</code></p>`
    }
    <div class="row">
      ${password === undefined ? html`<button class="main">${t('guests.password.decrypt')}</button>` : undefined}
      <button
        type="button"
        @click=${() => {
          unlocking = undefined;
          update();
        }}
      >
        ${t('guests.password.close')}
      </button>
    </div>
  </form>`;
}

async function decrypt(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const passphrase = textIn(given, 'passphrase');
  await attempt(async () => {
    const { guest } = unlocking!;
    const path = `v1/guests/${encodeURIComponent(guest.id)}/password`;
    const { password: sealed } = (await send<{ password: string }>('GET', path)).body;
    if (sealed === '') throw new Error(t('guests.password.none'));
    const key = await readKey(await (given.get('file') as File).text(), passphrase || undefined);
    const bytes = decryptPkcs1(key, fromBase64(sealed));
    if (!bytes) throw new Error(t('guests.password.other'));
    unlocking = { guest, password: new TextDecoder().decode(bytes) };
  });
}

/** The RSA key of a file, which never leaves the page. Throws an Error whose message is for the user. */
async function readKey(text: string, passphrase: string | undefined): Promise<Parameters<typeof decryptPkcs1>[0]> {
  try {
    const webCrypto = crypto as unknown as WebCrypto;
    const key = (await readOpenSsh(webCrypto, text, passphrase))?.key ?? (await readPkcs8(webCrypto, text));
    if (key?.kty !== 'RSA') throw new Error(t('guests.password.rsa'));
    return key;
  } catch (error) {
    throw error instanceof UnreadableKey ? new Error(t(`import.private.${error.reason}`), { cause: error }) : error;
  }
}
