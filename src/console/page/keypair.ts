import { html, type TemplateResult } from './lit-html.js';
import { attempt, go, showNotice, textIn, update } from './app.js';
import { Refusal, send } from './api.js';
import { copy } from './files.js';
import { copyKey, deleteKey, downloadKey, expiry, kindOf } from './keypairs.js';
import { dateOf, showTime, t } from './language.js';
import { endOfDay, keypairPath, type KeypairRecord, type Scope, showKeypair } from './records.js';
import { current } from './session.js';

interface Version {
  readonly version: number;
  readonly fingerprint: string;
  readonly from: string;
  readonly until: string | null;
  readonly by: string | null;
}

interface Guest {
  readonly id: string;
  readonly name: string;
  readonly key_names: readonly string[];
}

let record: KeypairRecord | undefined;
let versions: readonly Version[] = [];
let guests: readonly Guest[] = [];

/** Loads the keypair that the address names: its scope and its name. */
export async function loadKeypair([scope, name = '']: readonly string[]): Promise<void> {
  record = undefined;
  update();
  await attempt(async () => {
    const owner: Scope = scope === 'project' ? 'project' : 'own';
    const shown = await showKeypair(name, owner);
    const path = `${keypairPath(name, owner)}/versions`;
    versions = (await send<{ versions: readonly Version[] }>('GET', path)).body.versions;
    guests = current.session?.project ? (await send<{ guests: readonly Guest[] }>('GET', 'v1/guests')).body.guests : [];
    record = shown;
  });
}

export function keypairScreen(): TemplateResult {
  if (!record) return html`<h1 tabindex="-1">${t('keypair.title')}</h1>`;
  const { name, delete_protected: isProtected } = record;
  return html`<h1 tabindex="-1">${name}</h1>
    <div class="row field">
      <button @click=${() => copyKey(record!)}>${t('new.copy.public')}</button>
      <button @click=${() => downloadKey(record!)}>${t('new.done.public')}</button>
      <button class="danger" ?disabled=${isProtected} @click=${remove}>${t('action.delete')}</button>
    </div>
    ${facts(record)} ${attributes(record)} ${versionTable()} ${snippets(record)}`;
}

async function remove(): Promise<void> {
  const { name } = record!;
  if (!(await deleteKey(record!))) return;
  go('/keypairs');
  // Going there clears what was said.
  setTimeout(() => showNotice(t('deleted', { name })));
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
      <dt>${t('keypair.comment')}</dt>
      <dd>${shown.comment || '–'}</dd>
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
    <label class="check field"
      ><input type="checkbox" name="protected" .checked=${shown.delete_protected} />
      <span>${t('keypair.protect')}</span></label
    >
    <button class="main">${t('keypair.save')}</button>
  </form>`;
}

async function change(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const { name, scope, expires_at: before, version } = record!;
  const until = textIn(given, 'until');
  const isSame = until === (before?.slice(0, 10) ?? '');
  const note = textIn(given, 'note');
  const keypair = {
    note: note === '' ? null : note,
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
function snippets({ name, type, public_key: key = '' }: KeypairRecord): TemplateResult {
  const line = key.trim();
  const texts: readonly (readonly [string, string])[] =
    type === 'x509'
      ? [['OpenStack', `openstack server create --key-name '${name}' …`]]
      : [
          ['OpenStack', `openstack server create --key-name '${name}' …`],
          ['Terraform', `resource "openstack_compute_instance_v2" "server" {\n  key_pair = "${name}"\n}`],
          ['cloud-init', `#cloud-config\nssh_authorized_keys:\n  - ${JSON.stringify(line)}`],
          [
            'ssh_config',
            `Host HOST\n  IdentityFile ~/.ssh/${name.replaceAll(/[^\w.@-]+/g, '_')}\n  IdentitiesOnly yes`,
          ],
        ];
  return html`<div class="card">
    <h2>${t('new.done.use')}</h2>
    ${texts.map(
      ([title, text]) =>
        html`<div class="row spread">
            <h3>${title}</h3>
            <button class="small" aria-label=${t('keypair.copy.of', { title })} @click=${() => void copy(text)}>
              ${t('action.copy')}
            </button>
          </div>
          <pre>${text}</pre>`,
    )}
  </div>`;
}
