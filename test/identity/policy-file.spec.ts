import { afterAll, describe, expect, it } from '@jest/globals';
import { InvalidConfig } from '../../src/config/config.js';
import { InvalidIdentityFile, readIdentity } from '../../src/identity/builtin/store/identity-file.js';
import { policyOf } from '../../src/policy/policy-file.js';
import { startApp } from '../support/start-app.js';
import { temporaryDirectory } from './identity-yaml.js';

describe('POLICY_FILE', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  it('replaces rules of Nova, and leaves the others', async () => {
    const file = directory.file(
      'policy.yaml',
      [
        '# No user creates keypairs here, and members may read those of others.',
        'os_compute_api:os-keypairs:create: "!"',
        'os_compute_api:os-keypairs:index: rule:context_is_admin or rule:looker',
        'looker: role:member and not role:admin',
        'os_compute_api:servers:index: "@"',
        '',
      ].join('\n'),
    );
    const service = await startApp({ POLICY_FILE: file });
    try {
      const member = service.as('alice', 'p').at('2.10');
      const body = { keypair: { name: 'a', public_key: 'whatever' } };
      expect((await member.post('/v2.1/os-keypairs', body)).body).toEqual({
        forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:os-keypairs:create to be performed." },
      });
      expect((await member.get('/v2.1/os-keypairs?user_id=bob')).status).toBe(200);
      expect((await member.get('/v2.1/os-keypairs/a?user_id=bob')).status).toBe(403);
    } finally {
      await service.stop();
    }
  });

  it.each([
    ['a list', '- a\n', 'POLICY_FILE: it must be a mapping of names to rules.'],
    ['no YAML', '{', 'POLICY_FILE: it is no YAML: '],
    [
      'a rule that is no text',
      'context_is_admin: [role:admin]\n',
      'POLICY_FILE: rule context_is_admin must be a text.',
    ],
    ['a rule that cannot be read', 'context_is_admin: is_admin:True\n', 'POLICY_FILE: rule context_is_admin cannot be'],
  ])('with %s does not start', (_, text, expected) => {
    expect(() => policyOf(directory.file('bad.yaml', text))).toThrow(expected);
  });

  it.each([
    ['lists', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`],
    [
      'aliases of aliases',
      `a: &a [x, x]\n${'bcdefghijklmnop'
        .split('')
        .map((each, at) => `${each}: &${each} [*${'abcdefghijklmno'[at]}, *${'abcdefghijklmno'[at]}]`)
        .join('\n')}\n`,
    ],
    ['itself', 'a: &a [*a]\n'],
    ['not', `context_is_admin: "${'not '.repeat(100_000)}@"\n`],
    ['parentheses', `context_is_admin: "${'('.repeat(100_000)}@${')'.repeat(100_000)}"\n`],
    ['or', `context_is_admin: "${'@ or '.repeat(100_000)}@"\n`],
    [
      'rules',
      `context_is_admin: rule:r0\n${Array.from({ length: 500 }, (_, at) => `r${at}: rule:r${at + 1}`).join('\n')}\nr500: "@"\n`,
    ],
    [
      'rules twice',
      `context_is_admin: rule:r0\n${Array.from({ length: 40 }, (_, at) => `r${at}: rule:r${at + 1} or rule:r${at + 1}`).join('\n')}\nr40: "!"\n`,
    ],
  ])('that nests %s endlessly does not start, and the error names that', (_, text) => {
    const file = directory.file('deep.yaml', text);
    expect(() => policyOf(file)).toThrow(InvalidConfig);
    expect(() => policyOf(file)).toThrow(/^POLICY_FILE: /);
    expect(() => readIdentity(text)).toThrow(InvalidIdentityFile);
  });

  it.each([
    ['is read', '', /^read$/],
    ['with one of them twice is refused', 'rule7: role:r8\n', /^POLICY_FILE: it is no YAML: DUPLICATE_KEY at \d+\.$/],
  ])('of thirty thousand rules %s without quadratic work', (_, last, expected) => {
    const text = `${Array.from({ length: 30_000 }, (__, at) => `rule${at}: role:r${at}`).join('\n')}\n${last}`;
    const file = directory.file('huge.yaml', text);
    const outcome = (): string => {
      try {
        policyOf(file);
        return 'read';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(outcome()).toMatch(expected);
    expect(() => readIdentity(text)).toThrow(InvalidIdentityFile);
  });

  it('that is missing does not start', () => {
    expect(() => policyOf('/nowhere/policy.yaml')).toThrow('POLICY_FILE cannot be read (ENOENT).');
  });
});
