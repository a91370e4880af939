/** The screen is rendered from the state of the modules. Code that changes this state calls update(). */

let draw: () => void = () => undefined;
let isPlanned = false;

export function onUpdate(next: () => void): void {
  draw = next;
}

/** Draws the page soon, once for all changes until then. */
export function update(): void {
  if (isPlanned) return;
  isPlanned = true;
  queueMicrotask(() => {
    isPlanned = false;
    draw();
  });
}

/** Draws the page, and moves the focus to an element of it before the user can move it elsewhere. */
export function focusOn(id: string): void {
  update();
  queueMicrotask(() => document.getElementById(id)?.focus());
}

/** The outcome of the last action: shown as text, and read out by screen readers. */
export const notice: { text: string; problem: string } = { text: '', problem: '' };

export function showNotice(text: string): void {
  notice.text = text;
  notice.problem = '';
  update();
}

export function showProblem(problem: string): void {
  notice.text = '';
  notice.problem = problem;
  update();
}

export function clearNotice(): void {
  notice.text = '';
  notice.problem = '';
  update();
}

/** Does something, and shows why if it fails. */
export async function attempt(work: () => Promise<void>): Promise<boolean> {
  clearNotice();
  try {
    await work();
    return true;
  } catch (error) {
    showProblem((error as Error).message);
    return false;
  } finally {
    update();
  }
}

/** The text of a field; empty for one that is not there. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}

/** Goes to a place of the console. */
export function go(place: string): void {
  location.hash = place;
}
