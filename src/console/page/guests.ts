import { html, nothing, type TemplateResult } from './lit-html.js';
import { attempt, clearNotice, focusOn, showProblem, showNotice, textIn, update } from './app.js';
import { download, send } from './api.js';
import { fromBase64 } from '../../key-formats/bytes.js';
import { decryptPkcs1 } from '../../key-formats/decrypt-pkcs1.js';
import { readOpenSsh, UnreadableKey } from '../../key-formats/openssh.js';
import { readPkcs8 } from '../../key-formats/pkcs8.js';
import type { WebCrypto } from '../../key-formats/web-crypto.js';
import { certificateForm, hasAuthority } from './certificates.js';
import { confirm } from './dialog.js';
import { fileName, save } from './files.js';
import { type MessageKey, showTime, t } from './language.js';
import { type Guest, hasProjectKeypairs, type KeypairRecord, listGuests, listKeypairs } from './records.js';

/** The editable properties of a guest; one that is not registered yet has no id. */
type EditedGuest = Omit<Guest, 'id' | 'last_fetched_at'> & { readonly id: string | undefined };

const BLANK: EditedGuest = {
  id: undefined,
  name: '',
  addresses: [],
  key_names: [],
  follow_keys: false,
  ssh_ca: false,
  ssh_access: 'owner',
  login_users: [],
};

let guests: readonly Guest[] | undefined;
let keypairs: readonly KeypairRecord[] = [];
/** The guest that is changed, or the one to register. */
let editing: EditedGuest | undefined;
/** The guest that a certificate is for. */
let certified: Guest | undefined;
/** The guest whose password is shown, and the password once it is decrypted. */
let unlocking: { readonly guest: Guest; password: string | undefined } | undefined;

export async function loadGuests(): Promise<void> {
  unlocking = undefined;
  certified = undefined;
  await attempt(async () => {
    guests = await listGuests();
    keypairs = await listKeypairs(hasProjectKeypairs() ? { scope: 'all' } : {});
  });
}

export function guestsScreen(): TemplateResult {
  return html`<div class="row spread">
      <h1 tabindex="-1">${t('guests.title')}</h1>
      ${editing ? undefined : html`<button class="main" @click=${() => edit(BLANK)}>${t('guests.new')}</button>`}
    </div>
    ${editing ? form(editing) : undefined} ${certified ? certificateCard(certified) : undefined}
    ${unlocking ? passwordCard(unlocking) : undefined}
    ${guests === undefined ? html`<p>${t('loading')}</p>` : guests.length === 0 ? empty() : table(guests)}`;
}

const empty = (): TemplateResult => html`<div class="card"><p>${t('guests.none')}</p></div>`;

/** Shows the form, which begins with what is known of the guest. */
function edit(next: EditedGuest): void {
  // Fields that stay would keep what was typed for another guest.
  editing = undefined;
  clearNotice();
  setTimeout(() => {
    editing = next;
    focusOn('guest-name');
  });
}

const textField = (id: string, label: string, value: string, hint?: string): TemplateResult =>
  html`<div class="field">
    <label for="guest-${id}">${label}</label>
    <input
      id="guest-${id}"
      name=${id}
      autocapitalize="none"
      spellcheck="false"
      .value=${value}
      aria-describedby=${hint === undefined ? nothing : `guest-${id}-hint`}
    />
    ${hint === undefined ? undefined : html`<p class="hint" id="guest-${id}-hint">${hint}</p>`}
  </div>`;

const choice = (name: string, label: string, chosen: string, choices: Readonly<Record<string, MessageKey>>) =>
  html`<div class="field">
    <label for="guest-${name}">${label}</label>
    <select id="guest-${name}" name=${name}>
      ${Object.entries(choices).map(
        ([value, key]) => html`<option value=${value} .selected=${value === chosen}>${t(key)}</option>`,
      )}
    </select>
  </div>`;

/** How a guest accepts certificates: the values of the API by those of the form. */
const AUTHORITIES = { off: false, keys: true, sshd: 'sshd' } as const;
type Authority = keyof typeof AUTHORITIES;

function form(guest: EditedGuest): TemplateResult {
  const { id, name, addresses, key_names: held, login_users: users, ssh_ca: ca } = guest;
  const others = keypairs.filter(({ expired }) => !expired).map((each) => each.name);
  const authority = (Object.keys(AUTHORITIES) as Authority[]).find((each) => AUTHORITIES[each] === ca)!;
  return html`<form class="card medium" @submit=${store} autocomplete="off" novalidate>
    <h2>${id === undefined ? t('guests.new') : t('guests.edit.of', { name })}</h2>
    <div class="grid">
      ${textField('name', t('column.name'), name)}
      ${id === undefined ? textField('id', t('guests.id'), '', t('guests.id.hint')) : undefined}
      ${textField('addresses', t('guests.addresses'), addresses.join(', '), t('guests.addresses.hint'))}
      ${textField('users', t('guests.users'), users.join(', '), t('guests.users.hint'))}
    </div>
    <fieldset>
      <legend>${t('keypairs.title')}</legend>
      ${[...new Set([...held, ...others])].map(
        (each) =>
          html`<label class="check"
            ><input type="checkbox" name="key" value=${each} .checked=${held.includes(each)} />
            <span>${each}</span></label
          >`,
      )}
    </fieldset>
    <label class="check field"
      ><input type="checkbox" name="follow" .checked=${guest.follow_keys} /> <span>${t('guests.follow')}</span></label
    >
    ${
      hasAuthority()
        ? html`<div class="grid">
            ${choice('ca', t('certificates.title'), authority, {
              off: 'guests.ca.off',
              keys: 'guests.ca.keys',
              sshd: 'guests.ca.sshd',
            })}
            ${choice('access', t('guests.access'), guest.ssh_access, {
              owner: 'guests.access.owner',
              project: 'guests.access.project',
            })}
          </div>`
        : undefined
    }
    <div class="row">
      <button class="main">${id === undefined ? t('guests.create') : t('keypair.save')}</button>
      <button
        type="button"
        @click=${() => {
          editing = undefined;
          update();
        }}
      >
        ${t('dialog.cancel')}
      </button>
    </div>
  </form>`;
}

const wordsIn = (given: FormData, name: string): string[] =>
  textIn(given, name)
    .split(/[\s,]+/)
    .filter((each) => each !== '');

async function store(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const before = editing!;
  const name = textIn(given, 'name');
  if (name === '') {
    showProblem(t('login.empty'));
    document.getElementById('guest-name')?.focus();
    return;
  }
  const requested: Partial<Guest> = {
    name,
    addresses: wordsIn(given, 'addresses'),
    key_names: given.getAll('key') as string[],
    follow_keys: given.has('follow'),
    login_users: wordsIn(given, 'users'),
    ...(hasAuthority() && {
      ssh_ca: AUTHORITIES[textIn(given, 'ca') as Authority],
      ssh_access: textIn(given, 'access') as Guest['ssh_access'],
    }),
    ...(textIn(given, 'id') !== '' && { id: textIn(given, 'id') }),
  };
  // What stays is not sent: addresses are for administrators, and naming a keypair copies it anew.
  const guest = Object.fromEntries(
    Object.entries(requested).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key as keyof EditedGuest]),
    ),
  );
  await attempt(async () => {
    if (before.id === undefined) await send('POST', 'v1/guests', { guest });
    else await send('PATCH', `v1/guests/${encodeURIComponent(before.id)}`, { guest });
    editing = undefined;
    await loadGuests();
    showNotice(before.id === undefined ? t('guests.created', { name }) : t('keypair.saved'));
  });
}

const certificateCard = (guest: Guest): TemplateResult =>
  html`<div class="card medium">
    <h2 id="certificate-title" tabindex="-1">${t('certificates.of', { name: guest.name })}</h2>
    ${certificateForm(
      keypairs.filter(({ type, expired }) => type === 'ssh' && !expired).map(({ name }) => name),
      [guest],
    )}
    <button
      @click=${() => {
        certified = undefined;
        update();
      }}
    >
      ${t('guests.password.close')}
    </button>
  </div>`;

function certify(guest: Guest): void {
  certified = guest;
  focusOn('certificate-title');
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
    <td class="actions many">
      <button class="small" aria-label=${t('guests.edit.of', { name })} @click=${() => edit(guest)}>
        ${t('keypair.change')}
      </button>
      ${
        hasAuthority() && guest.ssh_ca !== false
          ? html`<button class="small" aria-label=${t('certificates.of', { name })} @click=${() => certify(guest)}>
              ${t('certificates.one')}
            </button>`
          : undefined
      }
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
  focusOn('password-title');
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
