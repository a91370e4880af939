import { KeystoneServer } from './keystone-server.js';

/** The settings of a service that trusts a Keystone. */
export function keystoneSettings(keystone: KeystoneServer): Record<string, string> {
  return {
    AUTH_MODE: 'keystone',
    KEYSTONE_AUTH_URL: keystone.url,
    KEYSTONE_USERNAME: KeystoneServer.service.name,
    KEYSTONE_PASSWORD: KeystoneServer.service.password,
  };
}
