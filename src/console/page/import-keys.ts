import { html, type TemplateResult } from './lit-html.js';
import { attempt, showProblem, showNotice, update } from './app.js';
import { Refusal, send } from './api.js';
import { holdsPrivateKey } from '../../key-formats/holds-private-key.js';
import { publicLine, readOpenSsh, UnreadableKey } from '../../key-formats/openssh.js';
import { readPkcs8 } from '../../key-formats/pkcs8.js';
import type { WebCrypto } from '../../key-formats/web-crypto.js';
import { fileName } from './files.js';
import { kindOf } from './keypairs.js';
import { t } from './language.js';
import { hasProjectKeypairs, isName, register, type Scope } from './records.js';
import { scopeField } from './new-key.js';

interface Check {
  readonly acceptable: boolean;
  readonly type: 'ssh' | 'x509';
  readonly algorithm: string | null;
  readonly bits: number | null;
  readonly fingerprints: Readonly<Record<string, string | undefined>>;
  readonly reasons: readonly { readonly message: string }[];
  readonly warnings: readonly { readonly message: string }[];
}

/** One key of what was pasted or dropped. */
interface Candidate {
  readonly id: number;
  name: string;
  readonly text: string;
  check: Check | undefined;
  outcome: 'imported' | 'failed' | undefined;
  problem: string;
}

let candidates: Candidate[] = [];
let pasted = '';
let scope: Scope = 'own';
let isOver = false;
let isWorking = false;
let nextId = 0;
/** A private key that was pasted or dropped: it stays here until its public half is derived, or it is dropped. */
let secret: { readonly text: string; readonly name: string; needsPassphrase: boolean } | undefined;

const MAX_FILE_BYTES = 100_000;

export function importScreen(): TemplateResult {
  return html`<h1 tabindex="-1">${t('import.title')}</h1>
    <div class="card">
      <form @submit=${paste}>
        <div class="field">
          <label for="keys">${t('import.paste')}</label>
          <textarea
            id="keys"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby="keys-hint"
            .value=${pasted}
            @input=${(event: Event) => {
              pasted = (event.target as HTMLTextAreaElement).value;
              if (holdsPrivateKey(pasted)) takeText(pasted, 'key');
              update();
            }}
          ></textarea>
          <p class="hint" id="keys-hint">${t('import.paste.hint')}</p>
          <div role="status">${siteHint()}</div>
        </div>
        <div class="row">
          <button class="main">${t('import.check')}</button>
        </div>
      </form>
      <div
        class=${isOver ? 'drop field over' : 'drop field'}
        id="drop"
        @dragover=${(event: DragEvent) => {
          event.preventDefault();
          hover(true);
        }}
        @dragleave=${() => hover(false)}
        @drop=${(event: DragEvent) => {
          event.preventDefault();
          hover(false);
          void takeFiles(event.dataTransfer?.files);
        }}
      >
        <label for="files">${t('import.files')}</label>
        <input
          id="files"
          type="file"
          multiple
          @change=${(event: Event) => {
            const input = event.target as HTMLInputElement;
            void takeFiles(input.files).then(() => (input.value = ''));
          }}
        />
      </div>
    </div>
    ${secret ? secretCard(secret) : undefined} ${candidates.length > 0 ? results() : undefined}`;
}

/** A user of a site that publishes keys, as the command line takes it. */
const SITE = /^[ \t]*((?:gh|gl|lp):[A-Za-z\d][\w.-]{0,99})[ \t\r]*$/gm;

const sitesIn = (text: string): string[] => Array.from(text.matchAll(SITE), ([, site]) => site);

/** Neither this page nor the service sends requests to other sites; the command line does. */
function siteHint(): TemplateResult | undefined {
  const sites = sitesIn(pasted);
  if (sites.length === 0) return undefined;
  return html`<p>${t('import.site')}</p>
    <pre>latchkey keypair import ${sites.join(' ')}</pre>`;
}

function hover(next: boolean): void {
  isOver = next;
  update();
}

function secretCard({ name, needsPassphrase }: NonNullable<typeof secret>): TemplateResult {
  return html`<div class="card" id="private">
    <h2>${t('import.private.title')}</h2>
    <p class="message warn" role="alert">${t('import.private.hint', { name })}</p>
    <form class="row end" @submit=${derive}>
      ${
        needsPassphrase
          ? html`<div class="grow">
              <label for="import-passphrase">${t('new.passphrase')}</label>
              <input id="import-passphrase" name="passphrase" type="password" autocomplete="off" />
            </div>`
          : undefined
      }
      ${globalThis.isSecureContext ? html`<button class="main">${t('import.private.derive')}</button>` : undefined}
      <button type="button" @click=${dropSecret}>${t('import.private.drop')}</button>
    </form>
  </div>`;
}

function dropSecret(): void {
  secret = undefined;
  update();
}

async function derive(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement).get('passphrase');
  const passphrase = typeof given === 'string' && given !== '' ? given : undefined;
  await attempt(async () => {
    const { text, name } = secret!;
    try {
      const webCrypto = crypto as unknown as WebCrypto;
      const found = await readOpenSsh(webCrypto, text, passphrase);
      const key = found?.key ?? (await readPkcs8(webCrypto, text));
      if (!key) throw new UnreadableKey('unsupported');
      secret = undefined;
      add(name, publicLine(key, found?.comment ?? name));
      await checkAll();
    } catch (error) {
      if (!(error instanceof UnreadableKey)) throw error;
      const { reason } = error;
      if (secret && text.includes('OPENSSH') && reason === 'encrypted') secret.needsPassphrase = true;
      throw new Error(t(`import.private.${reason}`), { cause: error });
    }
  });
}

async function paste(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  if (pasted.trim() === '') {
    showProblem(t('import.empty'));
    document.getElementById('keys')?.focus();
    return;
  }
  const sites = sitesIn(pasted);
  takeText(pasted.replaceAll(SITE, ''), 'key');
  pasted = sites.join('\n');
  await attempt(checkAll);
}

async function takeFiles(files: FileList | null | undefined): Promise<void> {
  await attempt(async () => {
    for (const file of files ?? []) {
      if (file.size > MAX_FILE_BYTES) throw new Error(t('import.large', { name: file.name }));
      takeText(await file.text(), file.name.replace(/\.(pub|pem|crt|cer|txt|ppk)$/i, ''));
    }
    await checkAll();
  });
}

/** Adds the certificates and keys of a text. A private key is set aside, and nothing of the text is sent. */
function takeText(text: string, name: string): void {
  if (holdsPrivateKey(text)) {
    secret = { text, name, needsPassphrase: false };
    pasted = '';
    update();
    return;
  }
  const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
  for (const [block] of text.matchAll(certificate)) add(name, `${block}\n`);
  // RFC 4716 and other formats take several lines for one key: the service answers with what to do.
  if (/^---- BEGIN|-----BEGIN (?!CERTIFICATE)/m.test(text)) return add(name, text);
  const lines = text.replaceAll(certificate, '').split(/\r?\n/);
  for (const line of lines.map((each) => each.trim()).filter((each) => each !== '' && !each.startsWith('#'))) {
    const comment = line.split(/\s+/).slice(2).join(' ');
    add(comment === '' ? name : comment, line);
  }
}

/** Adds a key to the list under the proposed name, or with a number where that is taken. */
function add(proposedName: string, text: string): void {
  const base = fileName(proposedName).slice(0, 200);
  const taken = new Set(candidates.map(({ name }) => name));
  let name = base;
  for (let n = 2; taken.has(name); n += 1) name = `${base}-${n}`;
  candidates.push({ id: (nextId += 1), name, text, check: undefined, outcome: undefined, problem: '' });
  update();
}

async function checkAll(): Promise<void> {
  for (const candidate of candidates.filter(({ check }) => check === undefined)) {
    const { body } = await send<{ check: Check }>('POST', 'v1/keypair-checks', {
      check: { public_key: candidate.text },
    });
    candidate.check = body.check;
    update();
  }
}

function results(): TemplateResult {
  const ready = candidates.filter(({ check, outcome }) => check?.acceptable && outcome !== 'imported');
  return html`<form class="card" @submit=${importAll} novalidate>
    <h2>${t('import.found', { count: candidates.length })}</h2>
    <table class="stack">
      <caption>
        ${t('import.found', { count: candidates.length })}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('column.name')}</th>
          <th scope="col">${t('column.key')}</th>
          <th scope="col">${t('column.outcome')}</th>
          <th scope="col">${t('column.actions')}</th>
        </tr>
      </thead>
      <tbody>
        ${candidates.map(candidateRow)}
      </tbody>
    </table>
    ${hasProjectKeypairs() ? scopeField(scope, (next) => (scope = next)) : undefined}
    <div class="row">
      <button class="main" ?disabled=${ready.length === 0 || isWorking}>
        ${t('import.import', { count: ready.length })}
      </button>
      <button type="button" @click=${clear}>${t('import.clear')}</button>
    </div>
  </form>`;
}

function clear(): void {
  candidates = [];
  update();
}

function candidateRow(candidate: Candidate): TemplateResult {
  const { id, name, check, outcome, problem } = candidate;
  return html`<tr>
    <td>
      ${
        outcome === 'imported'
          ? name
          : html`<input
              id="name-${id}"
              aria-label=${t('column.name')}
              autocomplete="off"
              autocapitalize="none"
              spellcheck="false"
              maxlength="255"
              aria-invalid=${isName(name) && problem === '' ? 'false' : 'true'}
              .value=${name}
              @input=${(event: Event) => {
                candidate.name = (event.target as HTMLInputElement).value;
                candidate.problem = '';
                update();
              }}
            />`
      }
    </td>
    <td data-column=${t('column.key')}>
      ${check ? kindOf(check) : t('loading')}
      <div class="mono">${check?.fingerprints.sha256 ?? ''}</div>
    </td>
    <td data-column=${t('column.outcome')}>${judgement(candidate)}</td>
    <td class="actions">
      <button
        class="small"
        type="button"
        aria-label=${t('import.remove.of', { name })}
        @click=${() => {
          candidates = candidates.filter((each) => each !== candidate);
          update();
        }}
      >
        ${t('import.remove')}
      </button>
    </td>
  </tr>`;
}

function judgement({ check, outcome, problem }: Candidate): TemplateResult | string {
  if (outcome === 'imported') return html`<span class="tag">${t('import.imported')}</span>`;
  if (problem !== '') return html`<p class="message bad">${problem}</p>`;
  if (!check) return '';
  if (!check.acceptable)
    return html`<p class="message bad">${check.reasons.map(({ message }) => message).join(' ')}</p>`;
  return html`${t('import.acceptable')} ${check.warnings.map(({ message }) => html`<p class="warn">${message}</p>`)}`;
}

async function importAll(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  isWorking = true;
  let imported = 0;
  await attempt(async () => {
    for (const candidate of candidates.filter(({ check, outcome }) => check?.acceptable && outcome !== 'imported')) {
      const { name, text, check } = candidate;
      if (!isName(name)) {
        candidate.problem = t('name.wrong');
        continue;
      }
      try {
        await register(name, scope, { public_key: text, type: check!.type });
        candidate.outcome = 'imported';
        candidate.problem = '';
        imported += 1;
      } catch (error) {
        if (!(error instanceof Refusal) || error.status === 401 || error.status === 0) throw error;
        candidate.problem = error.status === 412 ? t('name.taken', { name }) : error.message;
      }
      update();
    }
    if (imported > 0) showNotice(t('import.done', { count: imported }));
  });
  isWorking = false;
  update();
}
