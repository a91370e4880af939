import { existsSync } from 'node:fs';
import type { Config } from '../../../config/config.js';
import { cloudsFile } from '../identity-paths.js';

/** The lines that explain how to log in; the passwords are in the named file and in no log. */
export function loginHint(config: Config): string[] {
  const file = cloudsFile(config);
  if (config.authMode !== 'builtin' || !existsSync(file)) return [];
  return [
    `Users and passwords are in ${file}. With the openstack command, as demo (or --os-cloud latchkey-admin as admin):`,
    `  OS_CLIENT_CONFIG_FILE=${file} openstack --os-cloud latchkey keypair list`,
  ];
}
