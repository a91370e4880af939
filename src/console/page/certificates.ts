import { html, type TemplateResult } from './lit-html.js';
import { attempt, showNotice, textIn } from './app.js';
import { send } from './api.js';
import { fileName, save } from './files.js';
import { showTime, t } from './language.js';
import { type Guest, listAll } from './records.js';
import { current } from './session.js';

/** A certificate as `/v1/ssh-certificates` lists it. */
interface Certificate {
  readonly serial: number;
  readonly principals: readonly string[];
  readonly valid_before: string;
  readonly revoked: boolean;
}

/** The certificates of one keypair that are currently valid. */
let valid: readonly Certificate[] = [];
let keypairShown: string | undefined;

export const hasAuthority = (): boolean => current.settings.hasSshCa;

export async function loadCertificates(keypair: string): Promise<void> {
  keypairShown = keypair;
  valid = hasAuthority() ? await listAll('v1/ssh-certificates', 'certificates', { keypair, active: 'true' }) : [];
}

/** The form that requests a certificate for a keypair and some of the guests. */
export function certificateForm(keypairs: readonly string[], guests: readonly Guest[]): TemplateResult {
  const hasProject = guests.some(({ ssh_access: access }) => access === 'project');
  if (guests.length === 0 || keypairs.length === 0) return html`<p>${t('certificates.none')}</p>`;
  return html`<form @submit=${issue} autocomplete="off">
    <p>${t('certificates.hint')}</p>
    <div class="grid">
      <div class="field">
        <label for="certificate-keypair">${t('keypair.title')}</label>
        <select id="certificate-keypair" name="keypair">
          ${keypairs.map((name) => html`<option value=${name}>${name}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for="certificate-hours">${t('certificates.hours')}</label>
        <input id="certificate-hours" name="hours" type="number" min="1" max="24" value="8" required />
      </div>
    </div>
    <fieldset>
      <legend>${t('guests.title')}</legend>
      ${guests.map(
        ({ id, name }) =>
          html`<label class="check"
            ><input type="checkbox" name="guest" value=${id} ?checked=${guests.length === 1} />
            <span>${name}</span></label
          >`,
      )}
      ${
        hasProject
          ? html`<label class="check"
              ><input type="checkbox" name="project" /> <span>${t('certificates.project')}</span></label
            >`
          : undefined
      }
    </fieldset>
    <button class="main field">${t('certificates.issue')}</button>
  </form>`;
}

async function issue(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  const given = new FormData(event.target as HTMLFormElement);
  const keypair = textIn(given, 'keypair');
  const certificate = {
    keypair,
    ttl: `${textIn(given, 'hours')}h`,
    guests: given.getAll('guest'),
    ...(given.has('project') && { project: true }),
  };
  await attempt(async () => {
    if (certificate.guests.length === 0 && !given.has('project')) throw new Error(t('certificates.empty'));
    const { body } = await send<{ certificate: Certificate & { readonly certificate: string } }>(
      'POST',
      'v1/ssh-certificates',
      { certificate },
    );
    const { certificate: line, valid_before: end } = body.certificate;
    const file = `${fileName(keypair)}-cert.pub`;
    save(file, `${line}\n`);
    if (keypairShown === keypair) await loadCertificates(keypair);
    showNotice(t('certificates.issued', { file, end: showTime(end) }));
  });
}

/** The certificates of a keypair that are valid now, with the names of their guests. */
export function certificateTable(guests: readonly Guest[]): TemplateResult | undefined {
  const shown = valid.filter(({ revoked }) => !revoked);
  if (shown.length === 0) return undefined;
  const nameOf = (principal: string): string =>
    guests.find(({ id }) => principal === `latchkey:guest:${id}`)?.name ?? principal;
  return html`<table class="stack">
    <caption>
      ${t('certificates.title')}
    </caption>
    <thead>
      <tr>
        <th scope="col">${t('certificates.serial')}</th>
        <th scope="col">${t('certificates.for')}</th>
        <th scope="col">${t('keypair.valid')}</th>
        <th scope="col">${t('column.actions')}</th>
      </tr>
    </thead>
    <tbody>
      ${shown.map(
        ({ serial, principals, valid_before: end }) =>
          html`<tr>
            <th scope="row">${serial}</th>
            <td data-column=${t('certificates.for')}>${principals.map(nameOf).join(', ')}</td>
            <td data-column=${t('keypair.valid')}>${showTime(end)}</td>
            <td class="actions">
              <button
                class="small danger"
                aria-label=${t('certificates.revoke.of', { serial })}
                @click=${() => revoke(serial)}
              >
                ${t('certificates.revoke')}
              </button>
            </td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

async function revoke(serial: number): Promise<void> {
  await attempt(async () => {
    await send('DELETE', `v1/ssh-certificates/${serial}`);
    await loadCertificates(keypairShown!);
    showNotice(t('certificates.revoked', { serial }));
  });
}
