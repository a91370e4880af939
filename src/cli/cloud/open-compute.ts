import { readFileSync } from 'node:fs';
import { UsageError } from '../cli-error.js';
import type { GlobalOptions } from '../global-options.js';
import { registerSecret } from '../output/masked.js';
import { printMessage } from '../output/print.js';
import { askSecret } from '../prompt.js';
import { type CloudSettings, secretsIn } from './cloud-settings.js';
import { Compute } from './compute.js';
import { Http } from './http.js';
import { readCloudSettings } from './read-cloud-settings.js';
import { type Access, authTypeOf } from './access.js';
import { signIn } from './sign-in.js';

/** Signs in by the options, the environment and clouds.yaml, calls `use` with the compute service, and closes the connections. */
export async function withCompute<T>(
  options: GlobalOptions,
  use: (compute: Compute, http: Http) => Promise<T>,
): Promise<T> {
  return withKeystone(options, async (access, http, settings) => use(await Compute.open(access, settings, http), http));
}

/** Signs in as {@link withCompute} does, and looks for no compute service. */
export async function withKeystone<T>(
  options: GlobalOptions,
  use: (access: Access, http: Http, settings: CloudSettings) => Promise<T>,
): Promise<T> {
  const settings = await withPassword(await readCloudSettings({ ...options }, process.env));
  secretsIn(settings).forEach(registerSecret);
  const http = new Http({
    insecure: settings.insecure,
    ...(settings.cacert !== undefined && { ca: authorities(settings.cacert) }),
    ...(options.debug && { trace: printMessage }),
  });
  try {
    return await use(await signIn(settings, http), http, settings);
  } finally {
    http.close();
  }
}

/** Prompts for the password if none is configured and stdin is a terminal. */
async function withPassword(settings: CloudSettings): Promise<CloudSettings> {
  const wants = ['password', 'http_basic'].includes(authTypeOf(settings));
  if (!wants || settings.password !== undefined || !process.stdin.isTTY) return settings;
  return { ...settings, password: await askSecret('Password: ') };
}

function authorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--os-cacert: the file ${file} cannot be read.`, { cause });
  }
}
