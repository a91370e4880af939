import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import type { Config } from '../../../config/config.js';
import { hashPassword } from '../../passwords.js';
import { writePrivately } from '../../../files/private-file.js';
import type { IdentityRepository } from '../../../persistence/repositories/identity.repository.js';
import { readIdentity } from './identity-file.js';
import { cloudsFile, identityFile } from '../identity-paths.js';

const ABOUT = `# Who may log in to Latchkey's built-in identity. "latchkey user" edits this file; a running service reads it anew.
`;
const CLOUDS_ABOUT = `# The clouds of "openstack --os-cloud NAME". These passwords are nowhere else: the service keeps only their hashes.
`;

/** Creates a missing identity file with the users `admin` and `demo`, and a clouds.yaml with their passwords. */
export async function prepareIdentity(config: Config): Promise<void> {
  const file = identityFile(config);
  if (existsSync(file)) return;
  const { passwords, hashes } = await newPasswords();
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // The passwords first: if writing the second file fails, the next start creates both again.
  writePrivately(cloudsFile(config), CLOUDS_ABOUT + cloudsYaml(config, passwords));
  writePrivately(file, ABOUT + identityYaml(hashes));
}

/**
 * Fills an empty database with what the identity file has, or, where there is none, with the users `admin` and `demo`, whose passwords are
 * in a clouds.yaml. Of replicas that start at once, one does. Throws InvalidIdentityFile, or the error of the file system.
 */
export async function prepareDatabase(config: Config, identities: IdentityRepository): Promise<void> {
  if (!(await identities.isEmpty())) return;
  const file = identityFile(config);
  if (existsSync(file)) return identities.fill(readIdentity(readFileSync(file, 'utf8')).toStored());
  const { passwords, hashes } = await newPasswords();
  await identities.fill(readIdentity(identityYaml(hashes)).toStored(), () => {
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    writePrivately(cloudsFile(config), CLOUDS_ABOUT + cloudsYaml(config, passwords));
  });
}

/** Random passwords of the two users, and their hashes. */
async function newPasswords(): Promise<{ readonly passwords: OfFirstUsers; readonly hashes: OfFirstUsers }> {
  const passwords = { admin: newPassword(), demo: newPassword() };
  return {
    passwords,
    hashes: { admin: await hashPassword(passwords.admin), demo: await hashPassword(passwords.demo) },
  };
}

/** A text for each of the two users of a first start. */
export type OfFirstUsers = Readonly<Record<'admin' | 'demo', string>>;

/** An identity file with the users `admin` and `demo`, each with a project of its name. */
export function identityYaml(passwordHashes: OfFirstUsers, id: (of: string) => string = newId): string {
  const users = [
    {
      id: id('user admin'),
      name: 'admin',
      password: passwordHashes.admin,
      roles: { admin: ['admin'], demo: ['admin'] },
      domain_roles: ['admin'],
      system_roles: ['admin'],
    },
    { id: id('user demo'), name: 'demo', password: passwordHashes.demo, roles: { demo: ['member'] } },
  ];
  const projects = ['admin', 'demo'].map((name) => ({ id: id(`project ${name}`), name }));
  return stringify({ projects, users }, { lineWidth: 0 });
}

/** 32 hexadecimal digits. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** 24 characters that need no quotes anywhere. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url').replaceAll('-', 'x').replaceAll('_', 'y');
}

/** The clouds.yaml of these users, for clients on this machine. */
export function cloudsYaml(config: Config, passwords: OfFirstUsers): string {
  const cloud = (user: keyof OfFirstUsers): object => ({
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
  return stringify({ clouds: { latchkey: cloud('demo'), 'latchkey-admin': cloud('admin') } });
}

/** The URL of the service for clients on this machine. With PORT=0 it is not known yet. */
function localUrl(config: Config): string {
  if (config.publicUrl !== undefined) return config.publicUrl;
  const anywhere = config.host === '0.0.0.0' || config.host === '::';
  const host = anywhere ? '127.0.0.1' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `http://${host}:${config.port}`;
}
