import { html, nothing, type TemplateResult } from './lit-html.js';
import { attempt, clearNotice, focusOn, showProblem, showNotice, update } from './app.js';
import { Refusal } from './api.js';
import { selfSign } from '../../key-formats/certificate.js';
import { publicLine, writeOpenSsh } from '../../key-formats/openssh.js';
import { writePem } from '../../key-formats/pem.js';
import { writePkcs12 } from '../../key-formats/pkcs12.js';
import { writePkcs8 } from '../../key-formats/pkcs8.js';
import { writePpk } from '../../key-formats/ppk.js';
import { generateKey, type KeyChoice, type PrivateKey } from '../../key-formats/private-key.js';
import type { WebCrypto } from '../../key-formats/web-crypto.js';
import { copy, fileName, save } from './files.js';
import { t } from './language.js';
import {
  endOfDay,
  hasProjectKeypairs,
  isName,
  type KeypairRecord,
  register,
  type Scope,
  showKeypair,
} from './records.js';

/** The kinds of key to choose from. */
const KINDS = {
  ed25519: { kind: 'ed25519' },
  'ecdsa-256': { kind: 'ecdsa', curve: 'P-256' },
  'ecdsa-384': { kind: 'ecdsa', curve: 'P-384' },
  'ecdsa-521': { kind: 'ecdsa', curve: 'P-521' },
  'rsa-3072': { kind: 'rsa', bits: 3072 },
  'rsa-4096': { kind: 'rsa', bits: 4096 },
  windows: { kind: 'rsa', bits: 3072 },
} as const satisfies Record<string, KeyChoice>;
type Kind = keyof typeof KINDS;

/** A file of a private key. */
interface Format {
  readonly extension: string;
  readonly takesPassphrase: boolean;
  readonly write: (key: PrivateKey, options: WriteOptions) => Promise<string | Uint8Array<ArrayBuffer>>;
}

interface WriteOptions {
  readonly comment: string;
  readonly passphrase: string | undefined;
  readonly certificate: Uint8Array<ArrayBuffer> | undefined;
}

const webCrypto = (): WebCrypto => crypto as unknown as WebCrypto;

const FORMATS = {
  openssh: {
    extension: '',
    takesPassphrase: true,
    write: (key, { comment, passphrase }) => writeOpenSsh(webCrypto(), key, comment, passphrase),
  },
  pkcs8: {
    extension: '.pem',
    takesPassphrase: true,
    write: (key, { passphrase }) => writePkcs8(webCrypto(), key, passphrase),
  },
  ppk: { extension: '.ppk', takesPassphrase: false, write: (key, { comment }) => writePpk(webCrypto(), key, comment) },
  pkcs12: {
    extension: '.p12',
    takesPassphrase: true,
    write: (key, { certificate, passphrase }) => writePkcs12(webCrypto(), key, certificate!, passphrase),
  },
} as const satisfies Record<string, Format>;
type FormatName = keyof typeof FORMATS;

const formatsOf = (kind: Kind): readonly FormatName[] =>
  kind === 'windows' ? ['pkcs12', 'pkcs8'] : ['openssh', 'pkcs8', 'ppk'];

/** A key that was generated and that the service does not know yet. */
interface Draft {
  readonly publicKey: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
  readonly file: string;
  readonly format: FormatName;
  readonly type: 'ssh' | 'x509';
}

const suggestion = (): string => `key-${new Date().toISOString().slice(0, 7)}`;

let name = '';
let kind: Kind = 'ed25519';
let format: FormatName = 'openssh';
let scope: Scope = 'own';
let expires = '';
let isWorking = false;
let wrongField: 'name' | 'passphrase-again' | 'principal' | undefined;
let draft: Draft | undefined;
let isSaved = false;
let isConfirmed = false;
let registered: { readonly record: KeypairRecord; readonly file: string; readonly format: FormatName } | undefined;

/** The name to begin with. */
export function prepareNewKey(): void {
  if (draft) return;
  name = suggestion();
  registered = undefined;
  wrongField = undefined;
}

/** Whether leaving the page would lose a key. */
export const hasUnsavedKey = (): boolean => draft !== undefined;

export function newKeyScreen(): TemplateResult {
  return html`<h1 tabindex="-1">${t('new.title')}</h1>
    <div class="card medium">
      ${
        globalThis.isSecureContext
          ? html`${steps()} ${registered ? done(registered) : draft ? saving(draft) : form()}`
          : html`<p class="message warn">${t('new.insecure')}</p>
              <a class="button" href="#/import">${t('keypairs.import')}</a>`
      }
    </div>`;
}

function steps(): TemplateResult {
  const at = registered ? 2 : draft ? 1 : 0;
  return html`<ol class="steps">
    ${(['new.step.choose', 'new.step.save', 'new.step.done'] as const).map(
      (key, index) => html`<li aria-current=${index === at ? 'step' : nothing}>${index + 1}. ${t(key)}</li>`,
    )}
  </ol>`;
}

const nameField = (): TemplateResult =>
  html`<div class="field">
    <label for="name">${t('column.name')}</label>
    <input
      id="name"
      name="name"
      maxlength="255"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      aria-describedby="name-hint"
      aria-invalid=${wrongField === 'name' ? 'true' : 'false'}
      .value=${name}
      @input=${(event: Event) => {
        name = (event.target as HTMLInputElement).value;
        update();
      }}
    />
    <p class="hint" id="name-hint">${t('name.hint')}</p>
  </div>`;

function form(): TemplateResult {
  const takesPassphrase = FORMATS[format].takesPassphrase;
  return html`<form @submit=${generate} autocomplete="off" novalidate>
    ${nameField()}
    <fieldset>
      <legend>${t('new.kind')}</legend>
      ${(Object.keys(KINDS) as Kind[]).map(
        (each) =>
          html`<label class="check"
            ><input
              type="radio"
              name="kind"
              value=${each}
              .checked=${kind === each}
              @change=${() => chooseKind(each)}
            />
            <span>${t(`new.kind.${each}`)}</span></label
          >`,
      )}
    </fieldset>
    ${
      kind === 'windows'
        ? html`<div class="grid">
            <div class="field">
              <label for="principal">${t('new.principal')}</label>
              <input
                id="principal"
                name="principal"
                value="Administrator@localhost"
                autocapitalize="none"
                spellcheck="false"
                aria-describedby="principal-hint"
                aria-invalid=${wrongField === 'principal' ? 'true' : 'false'}
              />
              <p class="hint" id="principal-hint">${t('new.principal.hint')}</p>
            </div>
            <div class="field">
              <label for="days">${t('new.days')}</label>
              <input id="days" name="days" type="number" min="1" max="36500" value="365" />
            </div>
          </div>`
        : undefined
    }
    <div class="grid">
      <div class="field">
        <label for="format">${t('new.format')}</label>
        <select
          id="format"
          .value=${format}
          @change=${(event: Event) => {
            format = (event.target as HTMLSelectElement).value as FormatName;
            update();
          }}
        >
          ${formatsOf(kind).map(
            (each) => html`<option value=${each} .selected=${each === format}>${t(`new.format.${each}`)}</option>`,
          )}
        </select>
      </div>
      <div class="field">
        <label for="expires">${t('new.expires')}</label>
        <input
          id="expires"
          type="date"
          .value=${expires}
          @change=${(event: Event) => {
            expires = (event.target as HTMLInputElement).value;
          }}
        />
      </div>
    </div>
    ${
      takesPassphrase
        ? html`<div class="grid">
            <div class="field">
              <label for="passphrase">${t('new.passphrase')}</label>
              <input id="passphrase" name="passphrase" type="password" autocomplete="new-password" />
            </div>
            <div class="field">
              <label for="passphrase-again">${t('new.passphrase.again')}</label>
              <input
                id="passphrase-again"
                name="passphrase-again"
                type="password"
                autocomplete="new-password"
                aria-invalid=${wrongField === 'passphrase-again' ? 'true' : 'false'}
              />
            </div>
          </div>`
        : html`<p class="hint">${t('new.ppk.hint')}</p>`
    }
    ${hasProjectKeypairs() ? scopeField(scope, (next) => (scope = next)) : undefined}
    <button class="main" ?disabled=${isWorking}>${isWorking ? t('new.working') : t('new.generate')}</button>
  </form>`;
}

export const scopeField = (chosen: Scope, choose: (scope: Scope) => void): TemplateResult =>
  html`<fieldset>
    <legend>${t('new.scope')}</legend>
    ${(['own', 'project'] as const).map(
      (each) =>
        html`<label class="check"
          ><input type="radio" name="scope" value=${each} .checked=${chosen === each} @change=${() => choose(each)} />
          <span>${t(`new.scope.${each}`)}</span></label
        >`,
    )}
  </fieldset>`;

function chooseKind(next: Kind): void {
  // Windows imports PKCS#12, whatever was chosen for a key of SSH before.
  if ((next === 'windows') !== (kind === 'windows')) [format] = formatsOf(next);
  kind = next;
  update();
}

/** Shows what is wrong with the form, and puts the focus there. */
function refuse(field: NonNullable<typeof wrongField>, why: string): void {
  wrongField = field;
  showProblem(why);
  queueMicrotask(() => document.getElementById(field)?.focus());
}

async function generate(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target as HTMLFormElement)) as Record<string, string>;
  wrongField = undefined;
  clearNotice();
  if (!isName(name)) return refuse('name', t('name.wrong'));
  const { passphrase = '', principal = '', days = '365' } = given;
  if (passphrase !== (given['passphrase-again'] ?? '')) return refuse('passphrase-again', t('new.passphrase.differs'));
  if (kind === 'windows' && !/^[^@\s]+@[^@\s]+$/.test(principal)) return refuse('principal', t('new.principal.wrong'));
  isWorking = true;
  showNotice(t('new.working'));
  await attempt(async () => {
    if (await exists()) return refuse('name', t('name.taken', { name }));
    const key = await generateKey(webCrypto(), KINDS[kind]);
    const isCertificate = kind === 'windows';
    const options = { commonName: principal.split('@')[0], days: Number(days) || 365, principal };
    const certificate = isCertificate ? await selfSign(webCrypto(), key, options) : undefined;
    const comment = name.replaceAll(/\s+/g, '-');
    const secret = FORMATS[format].takesPassphrase && passphrase !== '' ? passphrase : undefined;
    draft = {
      publicKey: certificate ? writePem('CERTIFICATE', certificate) : `${publicLine(key, comment)}\n`,
      content: await FORMATS[format].write(key, { comment, passphrase: secret, certificate }),
      file: `${fileName(name)}${FORMATS[format].extension}`,
      format,
      type: isCertificate ? 'x509' : 'ssh',
    };
    isSaved = false;
    isConfirmed = false;
  });
  isWorking = false;
  focusOn('step');
}

async function exists(): Promise<boolean> {
  try {
    await showKeypair(name, scope);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.status === 404) return false;
    throw error;
  }
}

function saving({ content, file, format: chosen }: Draft): TemplateResult {
  return html`<h2 id="step" tabindex="-1">${t('new.save.title')}</h2>
    <p>${t('new.save.hint')}</p>
    <div class="row field">
      <button class="main" @click=${() => keep(() => save(file, content, 'application/octet-stream'))}>
        ${t('new.save.download', { file })}
      </button>
      ${
        typeof content === 'string'
          ? html`<button @click=${() => void copyPrivate(content)}>${t('new.save.copy')}</button>`
          : undefined
      }
    </div>
    <label class="check field"
      ><input
        id="saved"
        type="checkbox"
        ?disabled=${!isSaved}
        .checked=${isConfirmed}
        @change=${(event: Event) => {
          isConfirmed = (event.target as HTMLInputElement).checked;
          update();
        }}
      />
      <span>${t('new.save.confirm')}</span></label
    >
    ${wrongField === 'name' ? nameField() : undefined}
    <div class="row">
      <button class="main" ?disabled=${!isConfirmed || isWorking} @click=${registerDraft}>${t('new.register')}</button>
      <button @click=${discard}>${t('new.discard')}</button>
    </div>
    <p class="hint">${chosen === 'ppk' ? t('new.ppk.hint') : t('new.save.local')}</p>`;
}

function keep(work: () => void): void {
  work();
  isSaved = true;
  update();
}

async function copyPrivate(content: string): Promise<void> {
  if (await copy(content, t('new.save.copied'))) keep(() => undefined);
  else showProblem(t('copy.refused'));
}

function discard(): void {
  draft = undefined;
  wrongField = undefined;
  clearNotice();
}

async function registerDraft(): Promise<void> {
  if (!draft) return;
  const { publicKey, type, file, format: chosen } = draft;
  const expiresAt = endOfDay(expires);
  isWorking = true;
  wrongField = undefined;
  await attempt(async () => {
    try {
      const order = { public_key: publicKey, type, ...(expiresAt !== undefined && { expires_at: expiresAt }) };
      const record = await register(name, scope, order);
      registered = { record, file, format: chosen };
      draft = undefined;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 412) throw error;
      wrongField = 'name';
      throw new Error(t('name.taken', { name }), { cause: error });
    }
  });
  isWorking = false;
  update();
  if (registered) focusOn('step');
}

function done({ record, file, format: chosen }: NonNullable<typeof registered>): TemplateResult {
  return html`<h2 id="step" tabindex="-1">${t('new.done.title', { name: record.name })}</h2>
    <p class="mono">${record.fingerprints.sha256 ?? record.fingerprint}</p>
    ${
      chosen === 'openssh' || (chosen === 'pkcs8' && record.type === 'ssh')
        ? html`<h3>${t('new.done.use')}</h3>
            <pre>${sshUse(file)}</pre>`
        : undefined
    }
    <div class="row field">
      <button
        @click=${() => save(`${file.replace(/\.\w+$/, '')}.${record.type === 'ssh' ? 'pub' : 'crt'}`, record.public_key ?? '')}
      >
        ${t('new.done.public')}
      </button>
      <a class="button" href="#/keypairs">${t('new.done.list')}</a>
    </div>`;
}

const sshUse = (file: string): string =>
  `mv ~/Downloads/${file} ~/.ssh/ && chmod 600 ~/.ssh/${file}
ssh -i ~/.ssh/${file} USER@HOST

# ~/.ssh/config
Host HOST
  IdentityFile ~/.ssh/${file}
  IdentitiesOnly yes`;
