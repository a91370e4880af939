import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  ChangedMeanwhile,
  IdentityEditor,
  NoSuchEdit,
} from '../../src/identity/builtin/administration/identity-editor.js';
import { InvalidIdentityFile, readIdentity } from '../../src/identity/builtin/store/identity-file.js';
import { hashPassword, verifyPassword } from '../../src/identity/passwords.js';
import { temporaryDirectory } from './identity-yaml.js';

const HASH = '$2b$10$0CnL71MuZ.784n/HYtafGOua3jJCmvypaitEs3Br7GFwbMVHIZwdm';
const WRITTEN = `# Ours.
projects:
  - { id: 0123456789abcdef0123456789abcdef, name: demo } # the first
users:
  # Keep her.
  - id: "00000000000000000000000000000001"
    name: alice
    password: ${HASH}
    roles: { demo: [ member ] }
`;
const CAROL = { name: 'carol', passwordHash: HASH, projectRoles: { fresh: ['admin'] }, systemRoles: ['admin'] };

describe('editing the identity file', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  it('keeps what others wrote, comments too, and creates missing projects', () => {
    const file = directory.file('one.yaml', WRITTEN);
    const editor = IdentityEditor.open(file);
    editor.add(CAROL);
    editor.save();
    const text = readFileSync(file, 'utf8');
    for (const line of ['# Ours.', '# the first', '# Keep her.']) expect(text).toContain(line);
    const { users, projects } = readIdentity(text);
    expect(users.map(({ name }) => name)).toEqual(['alice', 'carol']);
    expect(projects.map(({ name }) => name)).toEqual(['demo', 'fresh']);
    expect([...users[1].projectRoles.values()]).toEqual([['admin', 'member', 'reader']]);
    expect(users[1].systemRoles).toEqual(['admin', 'member', 'reader']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('removes a user and nothing else', () => {
    const file = directory.file('two.yaml', WRITTEN);
    const editor = IdentityEditor.open(file);
    editor.remove('alice');
    editor.save();
    const { users, projects } = readIdentity(readFileSync(file, 'utf8'));
    expect([users.length, projects.length]).toEqual([0, 1]);
  });

  it('refuses to add an existing user, to change a missing one, and to open an invalid file', () => {
    const editor = IdentityEditor.open(directory.file('three.yaml', WRITTEN));
    expect(() => editor.add({ ...CAROL, name: 'alice' })).toThrow(NoSuchEdit);
    expect(() => editor.remove('nobody')).toThrow('There is no user nobody.');
    expect(() => editor.setPassword('nobody', HASH)).toThrow(NoSuchEdit);
    expect(() => IdentityEditor.open(directory.file('bad.yaml', 'users: 7'))).toThrow(InvalidIdentityFile);
  });

  it('does not overwrite a concurrent change of the file', () => {
    const file = directory.file('four.yaml', WRITTEN);
    const editor = IdentityEditor.open(file);
    writeFileSync(file, `${WRITTEN}# more\n`);
    editor.remove('alice');
    expect(() => editor.save()).toThrow(ChangedMeanwhile);
    expect(readFileSync(file, 'utf8')).toBe(`${WRITTEN}# more\n`);
  });

  it('writes the target of a link, and keeps the link', () => {
    const file = directory.file('five.yaml', WRITTEN);
    const link = join(directory.path, 'link.yaml');
    symlinkSync(file, link);
    const editor = IdentityEditor.open(link);
    editor.add(CAROL);
    editor.save();
    expect(readFileSync(file, 'utf8')).toContain('carol');
  });

  it('reports all problems of a file at once', () => {
    const text = `
projects: [{ id: 0123456789abcdef0123456789abcdef, name: demo }, { id: 0123456789abcdef0123456789abcdef, name: demo }]
users:
  - { id: x, name: "", password: "$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", enabled: "no", roles: { nowhere: [a], demo: b } }
`;
    expect(() => readIdentity(text)).toThrow(InvalidIdentityFile);
    const problems = thrown(() => readIdentity(text)).problems;
    expect(problems).toEqual([
      'users[0].roles has nowhere, which is not known; known are demo',
      'users[0].enabled must be true or false',
      'users[0].id must be 32 hexadecimal digits in quotes, as "openssl rand -hex 16" makes them',
      'users[0].name must be a text of 1 to 255 characters',
      'users[0].password must be a hash that begins with $scrypt$, $2a$, $2b$ or $2y$ (bcrypt)',
      'users[0].roles.demo must be a list of role names',
      'projects has the id 0123456789abcdef0123456789abcdef more than once',
      'projects has the name demo more than once',
    ]);
  });

  it('hashes passwords so that each matches its own hash only', async () => {
    const hash = await hashPassword('correct horse');
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('correct horse ', hash)).toBe(false);
    expect(await hashPassword('correct horse')).not.toBe(hash);
    expect(await verifyPassword('x', HASH)).toBe(true);
    expect(await verifyPassword('x'.repeat(5_000), hash)).toBe(false);
  });
});

function thrown(work: () => unknown): InvalidIdentityFile {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidIdentityFile) return error;
  }
  throw new Error('nothing was thrown');
}
