import { showNotice } from './app.js';
import { t } from './language.js';

/** Saves something as a file of the user. */
export function save(name: string, content: string | Uint8Array<ArrayBuffer> | Blob, type = 'text/plain'): void {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has read it by then; until it is revoked the bytes stay in memory.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Copies a text; false if the browser does not let the page. */
export async function copy(text: string, said = t('copied')): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    showNotice(said);
    return true;
  } catch {
    return false;
  }
}

/** A name for a file: characters that some systems refuse are replaced. */
export const fileName = (name: string): string => name.replaceAll(/[^\w.@-]+/g, '_') || 'key';
