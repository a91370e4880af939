import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { stringify } from 'yaml';

/** A user of a test. */
export interface TestUser {
  readonly name: string;
  /** Roles by project. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  readonly domain_roles?: readonly string[];
  readonly system_roles?: readonly string[];
  readonly enabled?: boolean;
  /** The secret of one-time codes. */
  readonly totp?: string;
}

/** Ids that a test can know in advance. */
export function testId(name: string): string {
  return createHash('md5').update(name).digest('hex');
}

/** The text of an identity file in which all users have the same password, hashed at the lowest cost. */
export async function identityYaml(
  projects: readonly string[],
  users: readonly TestUser[],
  password: string,
): Promise<string> {
  const hash = await bcrypt.hash(password, 4);
  return stringify({
    projects: projects.map((name) => ({ id: testId(`project ${name}`), name })),
    users: users.map((user) => ({ id: testId(`user ${user.name}`), password: hash, ...user })),
  });
}

/** A directory that is removed at the end. */
export function temporaryDirectory(): {
  readonly path: string;
  file(name: string, text: string): string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-identity-'));
  return {
    path,
    file: (name, text) => {
      writeFileSync(join(path, name), text, { mode: 0o600 });
      return join(path, name);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
