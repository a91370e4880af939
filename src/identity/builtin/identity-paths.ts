import { join } from 'node:path';
import type { Config } from '../../config/config.js';

/** The file of users and projects. */
export function identityFile(config: Config): string {
  return config.identityFile ?? join(config.dataDir, 'identity.yaml');
}

/** The file of the key that tokens are signed with. */
export function tokenKeyFile(config: Config): string {
  return config.tokenKeyFile ?? join(config.dataDir, 'token.key');
}

/** The clouds.yaml with which OpenStack's clients log in as the users of the first start. */
export function cloudsFile(config: Config): string {
  return join(config.dataDir, 'clouds.yaml');
}
