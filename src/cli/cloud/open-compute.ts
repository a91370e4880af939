import { readFileSync } from 'node:fs';
import { UsageError } from '../cli-error.js';
import type { GlobalOptions } from '../global-options.js';
import { registerSecret } from '../output/masked.js';
import { printMessage } from '../output/print.js';
import { type CloudSettings, secretsIn } from './cloud-settings.js';
import { Compute } from './compute.js';
import { Http } from './http.js';
import { LatchkeyApi } from './latchkey-api.js';
import { readCloudSettings } from './read-cloud-settings.js';
import { type Access, authTypeOf, promptFor } from './access.js';
import { signIn } from './sign-in.js';

/** Signs in by the options, the environment and clouds.yaml, calls `use` with the compute service, and closes the connections. */
export async function withCompute<T>(
  options: GlobalOptions,
  use: (compute: Compute, http: Http) => Promise<T>,
): Promise<T> {
  return withKeystone(options, async (access, http, settings) => use(await Compute.open(access, settings, http), http));
}

/** Signs in as {@link withCompute} does, and calls `use` with an API of Latchkey that may be switched off. */
export async function withLatchkeyApi<T>(
  options: GlobalOptions,
  collection: string,
  use: (api: LatchkeyApi) => Promise<T>,
): Promise<T> {
  return withCompute(options, (compute, http) => use(new LatchkeyApi(compute, http, collection, 'keypairs')));
}

/** Signs in as {@link withCompute} does, and looks for no compute service. */
export async function withKeystone<T>(
  options: GlobalOptions,
  use: (access: Access, http: Http, settings: CloudSettings) => Promise<T>,
): Promise<T> {
  const settings = await withSecrets(await readCloudSettings({ ...options }, process.env));
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

/** The secrets to prompt for, by type of authentication. */
const PROMPTS: Readonly<Record<string, readonly ('password' | 'passcode')[]>> = {
  password: ['password'],
  http_basic: ['password'],
  v3totp: ['passcode'],
  v3multifactor: ['password', 'passcode'],
};

/** Prompts for the secrets that are not configured, if stdin is a terminal. */
async function withSecrets(settings: CloudSettings): Promise<CloudSettings> {
  let found = settings;
  for (const name of PROMPTS[authTypeOf(settings)] ?? []) found = await promptFor(found, name);
  return found;
}

function authorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--os-cacert: the file ${file} cannot be read.`, { cause });
  }
}
