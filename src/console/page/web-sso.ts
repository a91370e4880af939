import { loadLanguage, t } from './language.js';
import { endSso, logIn } from './session.js';

/** The page that Keystone's token comes to. It goes on to the console, in whose place it was. */

const meta = document.querySelector<HTMLMetaElement>('meta[name=token]')!;
const token = meta.content;
meta.remove();
// The form is in the history no longer, and paths are those of the console.
history.replaceState(null, '', '../console');

await loadLanguage();
document.title = `${t('login.title')} · Latchkey`;
try {
  if (!endSso()) throw new Error(t('sso.stale'));
  await logIn({ method: 'token', token });
  location.replace('console');
} catch (error) {
  const title = document.createElement('h1');
  title.textContent = t('login.title');
  const problem = document.createElement('p');
  problem.className = 'message bad';
  problem.role = 'alert';
  problem.textContent = (error as Error).message;
  const again = document.createElement('a');
  again.href = 'console';
  again.textContent = t('login.back');
  document.getElementById('console')!.append(title, problem, again);
}
