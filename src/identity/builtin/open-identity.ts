import { type Config, InvalidConfig } from '../../config/config.js';
import type { ChangeFeed } from '../../persistence/change-feed.js';
import type { IdentityRepository } from '../../persistence/repositories/identity.repository.js';
import { DatabaseStore } from './store/database-store.js';
import { FileStore } from './store/file-store.js';
import { prepareDatabase, prepareIdentity } from './store/first-start.js';
import { InvalidIdentityFile } from './store/identity-file.js';
import { identityFile, tokenKeyFile } from './identity-paths.js';
import type { IdentityStore } from './store/identity-store.js';
import { InvalidTokenKey, tokenKey } from './log-in/token-key.js';

/** The users and projects, which the first start creates. Throws InvalidConfig with all problems. */
export async function openIdentity(
  config: Config,
  identities: IdentityRepository,
  changes: ChangeFeed,
): Promise<IdentityStore> {
  if (config.identityStore === 'database') {
    const isShared = config.databaseUrl !== undefined;
    const prepare = (): Promise<void> => explained(config, () => prepareDatabase(config, identities));
    return new DatabaseStore(identities, changes, isShared, prepare);
  }
  return openIdentityFile(config);
}

/** The users and projects of the identity file. Throws InvalidConfig with all problems. */
export function openIdentityFile(config: Config): Promise<FileStore> {
  return explained(config, async () => {
    await prepareIdentity(config);
    return new FileStore(identityFile(config));
  });
}

async function explained<T>(config: Config, work: () => Promise<T>): Promise<T> {
  const path = identityFile(config);
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidIdentityFile)
      throw new InvalidConfig(error.problems.map((each) => `${path}: ${each}.`));
    const { syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : unreadable(path, error);
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
