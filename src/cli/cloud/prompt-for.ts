import { registerSecret } from '../output/masked.js';
import { askSecret } from '../prompt.js';
import type { CloudSettings } from './cloud-settings.js';

const QUESTIONS = { password: 'Password: ', passcode: 'One-time code: ' } as const;

/** Prompts for a secret if it is not configured and stdin is a terminal. Throws Interrupted on Ctrl-C. */
export async function promptFor(settings: CloudSettings, name: keyof typeof QUESTIONS): Promise<CloudSettings> {
  if (settings[name] !== undefined || !process.stdin.isTTY) return settings;
  const answer = await askSecret(QUESTIONS[name]);
  registerSecret(answer);
  return { ...settings, [name]: answer };
}
