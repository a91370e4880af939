import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import type { Config } from '../../config/config.js';
import { hashPassword } from '../passwords.js';
import { writePrivately } from '../../files/private-file.js';
import { cloudsFile, identityFile } from './identity-paths.js';

const ABOUT = `# Who may log in to Latchkey's built-in identity. "latchkey user" edits this file; a running service reads it anew.
`;
const CLOUDS_ABOUT = `# The clouds of "openstack --os-cloud NAME". These passwords are nowhere else: the service keeps only their hashes.
`;

/** Creates a missing identity file with the users `admin` and `demo`, and a clouds.yaml with their passwords. */
export async function prepareIdentity(config: Config): Promise<void> {
  const file = identityFile(config);
  if (existsSync(file)) return;
  const [admin, demo] = [newPassword(), newPassword()];
  const users = [
    {
      id: newId(),
      name: 'admin',
      password: await hashPassword(admin),
      roles: { admin: ['admin'], demo: ['admin'] },
      domain_roles: ['admin'],
      system_roles: ['admin'],
    },
    { id: newId(), name: 'demo', password: await hashPassword(demo), roles: { demo: ['member'] } },
  ];
  const projects = ['admin', 'demo'].map((name) => ({ id: newId(), name }));
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // The passwords first: if writing the second file fails, the next start creates both again.
  writePrivately(cloudsFile(config), CLOUDS_ABOUT + stringify({ clouds: clouds(config, { admin, demo }) }));
  writePrivately(file, ABOUT + stringify({ projects, users }, { lineWidth: 0 }));
}

/** 32 hexadecimal digits. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** 24 characters that need no quotes anywhere. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y');
}

function clouds(config: Config, passwords: { admin: string; demo: string }): object {
  const cloud = (user: 'admin' | 'demo'): object => ({
    auth: {
      auth_url: `${localUrl(config)}/identity/v3`,
      username: user,
      password: passwords[user],
      project_name: user,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: config.identityRegion,
    identity_api_version: 3,
  });
  return { latchkey: cloud('demo'), 'latchkey-admin': cloud('admin') };
}

/** The URL of the service for clients on this machine. With PORT=0 it is not known yet. */
function localUrl(config: Config): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const anywhere = config.host === '0.0.0.0' || config.host === '::';
  const host = anywhere ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${config.port}`;
}
