import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import bcrypt from 'bcrypt';
import { isLoopback } from '../../config/config.js';
import { cloudsYaml, identityYaml } from '../../identity/builtin/store/first-start.js';
import { UsageError } from '../cli-error.js';

const PASSWORDS = { admin: 'admin', demo: 'demo' };
/** The least that bcrypt knows: these passwords are no secret, and tests log in often. */
const BCRYPT_ROUNDS = 4;

/** Runs the service for tests: an empty database in memory, fixed users, and their clouds.yaml on standard output. */
export async function runDev(): Promise<void> {
  // systemd's container interface; deploy/dev/Dockerfile sets it too. Files such as /.dockerenv are in no image of other engines.
  const { HOST: host = '', container = '' } = process.env;
  if (host !== '' && !isLoopback(host) && container === '') {
    throw new UsageError(
      `The passwords of "latchkey dev" are known to all, so HOST must be a loopback address, not ${host}, unless the variable container is set. ` +
        'Unset HOST, or use the image of deploy/dev.',
    );
  }
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-dev-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const identityFile = join(directory, 'identity.yaml');
  const hashes = {
    admin: await bcrypt.hash(PASSWORDS.admin, BCRYPT_ROUNDS),
    demo: await bcrypt.hash(PASSWORDS.demo, BCRYPT_ROUNDS),
  };
  writeFileSync(identityFile, identityYaml(hashes, fixedId), { mode: 0o600 });
  // Most code runs once until the service listens: to compile it better takes longer than it saves (1.5 of 5 s of CPU, November 2026).
  for (const flag of ['--no-opt', '--liftoff-only']) setFlagsFromString(flag);
  const { serve } = await import('../../serve.js');
  await serve(devEnvironment(identityFile, join(directory, 'token.key')), (config) => {
    setFlagsFromString('--opt');
    process.stdout.write(cloudsYaml(config, PASSWORDS));
    return ['Users and passwords: admin/admin and demo/demo. The clouds.yaml for them is on standard output.'];
  });
}

/** The settings of the environment but those of databases and identities, which must never meet these users. */
function devEnvironment(identityFile: string, tokenKeyFile: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('DATABASE_'));
  return {
    LOG_LEVEL: 'silent',
    ...Object.fromEntries(own),
    DATA_DIR: 'memory://',
    AUTH_MODE: 'builtin',
    IDENTITY_FILE: identityFile,
    TOKEN_KEY_FILE: tokenKeyFile,
  };
}

/** The same ids at every start: 32 hexadecimal digits. */
const fixedId = (of: string): string => hash('sha256', `latchkey dev ${of}`, 'hex').slice(0, 32);
