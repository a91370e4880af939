import { html, type TemplateResult } from './lit-html.js';
import { attempt, go, showNotice, textIn, update } from './app.js';
import { Refusal, send } from './api.js';
import { certificateForm, certificateTable, hasAuthority, loadCertificates } from './certificates.js';
import { type Event, historyTable, loadHistory } from './events.js';
import { copy as copyText, fileName } from './files.js';
import { fromBase64 } from '../../key-formats/bytes.js';
import { randomart } from '../../key-formats/randomart.js';
import { copyKey, deleteKey, downloadKey, expiry, kindOf, tagList } from './keypairs.js';
import { dateOf, showTime, t } from './language.js';
import {
  endOfDay,
  type Guest,
  hasGuests,
  hasProjectKeypairs,
  keypairPath,
  type KeypairRecord,
  listGuests,
  listKeypairs,
  type Scope,
  showKeypair,
} from './records.js';
import { current } from './session.js';

interface Version {
  readonly version: number;
  readonly fingerprint: string;
  readonly from: string;
  readonly until: string | null;
  readonly by: string | null;
}

let record: KeypairRecord | undefined;
let versions: readonly Version[] = [];
let guests: readonly Guest[] = [];
let history: readonly Event[] = [];
/** The keypair of the project with the same key, while an own one is shown. */
let copy: KeypairRecord | undefined;

/** Loads the keypair that the address names: its scope and its name. */
export async function loadKeypair([scope, name = '']: readonly string[]): Promise<void> {
  record = undefined;
  history = [];
  update();
  await attempt(async () => {
    const owner: Scope = scope === 'project' ? 'project' : 'own';
    const shown = await showKeypair(name, owner);
    const path = `${keypairPath(name, owner)}/versions`;
    versions = (await send<{ versions: readonly Version[] }>('GET', path)).body.versions;
    guests = hasGuests() ? await listGuests() : [];
    copy = await copyOf(shown);
    await loadCertificates(name);
    record = shown;
    history = await loadHistory(shown);
  });
}

async function copyOf({ scope, fingerprint }: KeypairRecord): Promise<KeypairRecord | undefined> {
  if (scope === 'project' || !hasProjectKeypairs()) return undefined;
  const [found] = await listKeypairs({ scope: 'project', fingerprint });
  return found;
}

export function keypairScreen(): TemplateResult {
  if (!record) return html`<h1 tabindex="-1">${t('keypair.title')}</h1>`;
  const { name, delete_protected: isProtected } = record;
  return html`<h1 tabindex="-1">${name}</h1>
    <div class="row field">
      <button @click=${() => copyKey(record!)}>${t('new.copy.public')}</button>
      <button @click=${() => downloadKey(record!)}>${t('new.done.public')}</button>
      ${sharing(record)}
      <button class="danger" ?disabled=${isProtected} @click=${remove}>${t('action.delete')}</button>
    </div>
    ${facts(record)} ${attributes(record)} ${certificates(record)} ${versionTable()} ${historyTable(history)}
    ${snippets(record)}`;
}

/** Own keypairs are copied to the project, those of the project to the user. */
function sharing({ scope }: KeypairRecord): TemplateResult | undefined {
  if (scope === 'project') return html`<button @click=${take}>${t('keypair.take')}</button>`;
  if (!hasProjectKeypairs()) return undefined;
  return copy
    ? html`<button @click=${unshare}>${t('keypair.unshare')}</button>`
    : html`<button @click=${share}>${t('keypair.share')}</button>`;
}

async function share(): Promise<void> {
  const { name, scope } = record!;
  await attempt(async () => {
    const order = { share: { project_id: current.session!.project!.id } };
    const { body } = await send<{ keypair: KeypairRecord }>('POST', `${keypairPath(name, scope)}/share`, order);
    copy = body.keypair;
    showNotice(t('keypair.shared', { name, project: current.session!.project!.name }));
  });
}

async function unshare(): Promise<void> {
  if (!(await deleteKey(copy!))) return;
  copy = undefined;
  showNotice(t('keypair.unshared', { name: record!.name }));
}

async function take(): Promise<void> {
  const { name, scope } = record!;
  await attempt(async () => {
    await send('POST', `${keypairPath(name, scope)}/take`, { take: {} });
    showNotice(t('keypair.taken', { name }));
  });
}

function certificates({ name, type }: KeypairRecord): TemplateResult | undefined {
  if (type !== 'ssh' || !hasAuthority()) return undefined;
  return html`<div class="card">
    <h2>${t('certificates.title')}</h2>
    ${certificateForm(
      [name],
      guests.filter(({ ssh_ca: authority }) => authority !== false),
    )}
    ${certificateTable(guests)}
  </div>`;
}

async function remove(): Promise<void> {
  const { name } = record!;
  if (!(await deleteKey(record!))) return;
  // The console's own listener comes first, and clears the notice of the former screen.
  addEventListener('hashchange', () => showNotice(t('deleted', { name })), { once: true });
  go('/keypairs');
}

const time = (value: string | null): TemplateResult | string =>
  value === null ? t('never') : html`<time datetime=${dateOf(value).toISOString()}>${showTime(value)}</time>`;

function facts(shown: KeypairRecord): TemplateResult {
  const holding = guests.filter(({ key_names: names }) => names.includes(shown.name));
  const prints = Object.entries(shown.fingerprints).filter(([, value]) => value !== undefined);
  return html`<div class="card">
    <dl>
      <dt>${t('new.kind')}</dt>
      <dd>${kindOf(shown)}</dd>
      ${prints.map(
        ([form, value]) =>
          html`<dt>${form.toUpperCase()}</dt>
            <dd class="mono">${value}</dd>`,
      )}
      ${
        shown.certificate
          ? html`<dt>${t('new.principal')}</dt>
              <dd>${shown.certificate.upn ?? '–'}</dd>
              <dt>${t('keypair.valid')}</dt>
              <dd>${time(shown.certificate.not_after)}</dd>`
          : undefined
      }
      ${picture(shown)}
      <dt>${t('keypair.comment')}</dt>
      <dd>${shown.comment || '–'}</dd>
      <dt>${t('keypair.tags')}</dt>
      <dd>${Object.keys(shown.tags).length > 0 ? tagList(shown) : '–'}</dd>
      <dt>${t('column.created')}</dt>
      <dd>${time(shown.created_at)}</dd>
      <dt>${t('column.expires')}</dt>
      <dd>${expiry(shown)}</dd>
      <dt>${t('keypair.delivered')}</dt>
      <dd>${time(shown.last_delivered_at)}</dd>
      <dt>${t('column.guests')}</dt>
      <dd>${holding.length > 0 ? holding.map(({ name }) => name).join(', ') : shown.guests}</dd>
    </dl>
  </div>`;
}

/** The picture that `ssh-keygen -lv` draws: people compare it more easily than digits. */
function picture({ algorithm, bits, fingerprints: { sha256 = '' } }: KeypairRecord): TemplateResult | undefined {
  if (algorithm === null || bits === null || !sha256.startsWith('SHA256:')) return undefined;
  return html`<dt>Randomart</dt>
    <dd>
      <pre class="art" role="img" aria-label="Randomart">
${randomart(algorithm, bits, fromBase64(sha256.slice(7)))}</pre>
    </dd>`;
}

function attributes(shown: KeypairRecord): TemplateResult {
  return html`<form class="card" @submit=${change} autocomplete="off">
    <h2>${t('keypair.change')}</h2>
    <div class="grid">
      <div class="field">
        <label for="note">${t('keypair.note')}</label>
        <input id="note" name="note" maxlength="255" .value=${shown.note ?? ''} />
      </div>
      <div class="field">
        <label for="until">${t('new.expires')}</label>
        <input id="until" name="until" type="date" .value=${shown.expires_at?.slice(0, 10) ?? ''} />
      </div>
    </div>
    <div class="field">
      <label for="tags">${t('keypair.tags')}</label>
      <textarea
        id="tags"
        name="tags"
        class="short"
        spellcheck="false"
        aria-describedby="tags-hint"
        .value=${linesOf(shown.tags)}
      ></textarea>
      <p class="hint" id="tags-hint">${t('keypair.tags.hint')}</p>
    </div>
    <label class="check field"
      ><input type="checkbox" name="protected" .checked=${shown.delete_protected} />
      <span>${t('keypair.protect')}</span></label
    >
    <button class="main">${t('keypair.save')}</button>
  </form>`;
}

/** Tags as a line each, which is how they are typed. */
const linesOf = (tags: KeypairRecord['tags']): string =>
  Object.entries(tags)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('\n');

/** Tags of lines; what is behind the first `=` is the value. */
const tagsOf = (lines: string): KeypairRecord['tags'] =>
  Object.fromEntries(
    lines
      .split('\n')
      .map((line) => /^\s*([^=]*?)\s*(?:=(.*))?$/.exec(line)!)
      .filter(([, name]) => name !== '')
      .map(([, name, value = '']) => [name, value.trim()]),
  );

async function change(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const { name, scope, expires_at: before, version } = record!;
  const until = textIn(given, 'until');
  const isSame = until === (before?.slice(0, 10) ?? '');
  const note = textIn(given, 'note');
  const keypair = {
    note: note === '' ? null : note,
    tags: tagsOf(textIn(given, 'tags')),
    delete_protected: given.has('protected'),
    ...(!isSame && { expires_at: endOfDay(until) ?? null }),
  };
  await attempt(async () => {
    // Another tab may have replaced the key meanwhile.
    const headers = { 'If-Match': `"${version}"` };
    const { body } = await send<{ keypair: KeypairRecord }>(
      'PATCH',
      keypairPath(name, scope),
      { keypair },
      headers,
    ).catch((error: unknown) => {
      const isOutdated = error instanceof Refusal && error.status === 412;
      throw isOutdated ? new Error(t('keypair.changed', { name }), { cause: error }) : error;
    });
    record = body.keypair;
    showNotice(t('keypair.saved'));
    history = await loadHistory(record);
  });
}

function versionTable(): TemplateResult {
  return html`<div class="card">
    <h2>${t('keypair.versions')}</h2>
    <table class="stack">
      <caption>
        ${t('keypair.versions')}
      </caption>
      <thead>
        <tr>
          <th scope="col">${t('keypair.version')}</th>
          <th scope="col">${t('column.fingerprint')}</th>
          <th scope="col">${t('keypair.from')}</th>
          <th scope="col">${t('keypair.until')}</th>
        </tr>
      </thead>
      <tbody>
        ${versions.map(
          ({ version, fingerprint, from, until }) =>
            html`<tr>
              <th scope="row">${version}</th>
              <td data-column=${t('column.fingerprint')}><span class="mono">${fingerprint}</span></td>
              <td data-column=${t('keypair.from')}>${time(from)}</td>
              <td data-column=${t('keypair.until')}>${until === null ? '–' : time(until)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Texts to paste elsewhere. What is in them was checked by the service, which permits no quotes in names. */
function snippets(shown: KeypairRecord): TemplateResult {
  return html`<div class="card">
    <h2>${t('new.done.use')}</h2>
    ${Object.entries(SNIPPETS)
      .filter(([, { type }]) => type === undefined || type === shown.type)
      .map(([title, { write }]) => {
        const text = write({ ...shown, file: fileName(shown.name), line: shown.public_key?.trim() ?? '' });
        return html`<div class="row spread">
            <h3>${title}</h3>
            <button class="small" aria-label=${t('keypair.copy.of', { title })} @click=${() => void copyText(text)}>
              ${t('action.copy')}
            </button>
          </div>
          <pre>${text}</pre>`;
      })}
  </div>`;
}

interface Snippet {
  /** The type of keypair that it is for; for every type without. */
  readonly type?: KeypairRecord['type'];
  readonly write: (keypair: KeypairRecord & { readonly file: string; readonly line: string }) => string;
}

const SNIPPETS: Readonly<Record<string, Snippet>> = {
  OpenStack: { write: ({ name }) => `openstack server create --key-name '${name}' SERVER` },
  Terraform: {
    write: ({ name }) => `resource "openstack_compute_instance_v2" "server" {\n  key_pair = "${name}"\n}`,
  },
  'cloud-init': {
    type: 'ssh',
    write: ({ line }) => `#cloud-config\nssh_authorized_keys:\n  - ${JSON.stringify(line)}`,
  },
  Butane: {
    type: 'ssh',
    write: ({ line }) => `variant: fcos
version: 1.5.0
passwd:
  users:
    - name: core
      ssh_authorized_keys: [${JSON.stringify(line)}]`,
  },
  ssh_config: {
    type: 'ssh',
    write: ({ file }) => `Host HOST\n  IdentityFile ~/.ssh/${file}\n  IdentitiesOnly yes`,
  },
  'WinRM (PowerShell)': {
    type: 'x509',
    write: ({ fingerprint, file }) => `Import-PfxCertificate ${file}.p12 -CertStoreLocation Cert:\\CurrentUser\\My
Enter-PSSession HOST -UseSSL -CertificateThumbprint ${fingerprint.replaceAll(':', '').toUpperCase()}`,
  },
  'WinRM (Ansible)': {
    type: 'x509',
    write: ({ file }) => `ansible_connection: winrm
ansible_winrm_transport: certificate
ansible_winrm_cert_pem: ${file}.crt
ansible_winrm_cert_key_pem: ${file}.pem`,
  },
};
