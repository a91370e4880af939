import { html, type TemplateResult } from './lit-html.js';
import { update } from './app.js';
import { t } from './language.js';

/** A question that stands above the page until it is answered. */
interface Question {
  readonly title: string;
  readonly body: TemplateResult | string;
  readonly action: string;
  /** What must be typed first, if anything. */
  readonly typed?: string;
  readonly answer: (isYes: boolean) => void;
}

let question: Question | undefined;
let typed = '';

/** Asks for confirmation before an action that cannot be undone. */
export function confirm(asked: Omit<Question, 'answer'>): Promise<boolean> {
  typed = '';
  return new Promise((resolve) => {
    question = {
      ...asked,
      answer: (isYes) => {
        question = undefined;
        update();
        resolve(isYes);
      },
    };
    update();
  });
}

export function dialog(): TemplateResult | undefined {
  if (!question) return undefined;
  const { title, body, action, typed: expected, answer } = question;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (expected === undefined || typed === expected) answer(true);
  };
  return html`<dialog
    data-modal
    aria-labelledby="dialog-title"
    @cancel=${(event: Event) => {
      event.preventDefault();
      answer(false);
    }}
  >
    <form @submit=${submit}>
      <h2 id="dialog-title">${title}</h2>
      <div class="field">${body}</div>
      ${
        expected === undefined
          ? undefined
          : html`<div class="field">
              <label for="dialog-typed">${t('dialog.type', { name: expected })}</label>
              <input
                id="dialog-typed"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                @input=${(event: Event) => {
                  typed = (event.target as HTMLInputElement).value;
                  update();
                }}
              />
            </div>`
      }
      <div class="row">
        <button class="danger" ?disabled=${expected !== undefined && typed !== expected}>${action}</button>
        <button type="button" @click=${() => answer(false)}>${t('dialog.cancel')}</button>
      </div>
    </form>
  </dialog>`;
}

/** Opens dialogs that were just drawn: only so are they above everything, and the rest out of reach. */
export function openDialogs(root: HTMLElement): void {
  for (const each of root.querySelectorAll<HTMLDialogElement>('dialog[data-modal]')) {
    if (each.open) continue;
    const before = document.activeElement as HTMLElement | null;
    each.showModal();
    const giveBack = new MutationObserver(() => {
      if (each.isConnected) return;
      giveBack.disconnect();
      if (before?.isConnected && document.activeElement === document.body) before.focus();
    });
    giveBack.observe(root, { childList: true, subtree: true });
  }
}
