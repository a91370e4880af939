import { type Config, InvalidConfig } from '../../config/config.js';
import { prepareIdentity } from './first-start.js';
import { InvalidIdentityFile } from './identity-file.js';
import { identityFile, tokenKeyFile } from './identity-paths.js';
import { IdentityStore } from './identity-store.js';
import { InvalidTokenKey, tokenKey } from './token-key.js';

/** Reads the identity file, which the first start creates. Throws InvalidConfig with all problems. */
export async function openIdentity(config: Config): Promise<IdentityStore> {
  const path = identityFile(config);
  try {
    await prepareIdentity(config);
    return new IdentityStore(path);
  } catch (error) {
    if (error instanceof InvalidIdentityFile)
      throw new InvalidConfig(error.problems.map((each) => `${path}: ${each}.`));
    throw unreadable(path, error);
  }
}

/** The key that tokens are signed with, which the first start creates. Throws InvalidConfig. */
export function openTokenKey(config: Config): Buffer {
  const path = tokenKeyFile(config);
  try {
    return tokenKey(path);
  } catch (error) {
    if (error instanceof InvalidTokenKey) throw new InvalidConfig([`${path} ${error.message}.`]);
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new InvalidConfig([`${path} cannot be read or made (${code}).`]);
}
