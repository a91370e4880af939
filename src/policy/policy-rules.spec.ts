import { describe, expect, it } from '@jest/globals';
import { Caller } from '../domain/caller.js';
import { DEFAULT_RULES, ownerFor, requirePolicy, rulesWith } from './policy.js';
import { InvalidRules, Rules } from './policy-rules.js';

const RULE = 'os_compute_api:os-keypairs:show';

/** Whether a rule lets the user `alice`, of the project `p1` and with the role Auditor, see a resource of her own or of another user. */
function allows(rule: string, userId = 'alice', projectId = 'p1'): boolean {
  const rules = new Rules({ rule, auditor: 'role:auditor', nobody: '!' }, ['rule']);
  return rules.allows('rule', new Caller('alice', 'p1', ['Auditor'], rules), { userId, projectId });
}

describe('a policy rule', () => {
  it.each([
    ['@', true],
    ['', true],
    ['!', false],
    ['role:auditor', true],
    ['role:AUDITOR', true],
    ['role:admin', false],
    ['rule:auditor', true],
    ['rule:nobody', false],
    ['user_id:%(user_id)s', true],
    ['project_id:%(project_id)s', true],
    ['not role:admin', true],
    ['not not role:admin', false],
    ['role:admin or user_id:%(user_id)s', true],
    ['role:admin and user_id:%(user_id)s', false],
    // "and" binds tighter than "or", and "not" tighter than both.
    ['role:auditor or role:admin and role:admin', true],
    ['(role:auditor or role:admin) and role:admin', false],
    ['not role:admin and role:auditor', true],
    ['not (role:admin or role:auditor)', false],
    ['((role:auditor))', true],
    ['role:admin OR role:auditor', true],
    ['(rule:auditor)and(user_id:%(user_id)s)', true],
  ])('%s lets an auditor at her own: %s', (rule, expected) => {
    expect(allows(rule)).toBe(expected);
  });

  it('user_id and project_id give no access to resources of others', () => {
    expect(allows('user_id:%(user_id)s', 'bob')).toBe(false);
    expect(allows('project_id:%(project_id)s', 'alice', 'p2')).toBe(false);
  });

  it('project_id lets no token without a project at anything', () => {
    const rules = new Rules({ rule: 'project_id:%(project_id)s' }, ['rule']);
    expect(rules.allows('rule', new Caller('alice', undefined, [], rules), {})).toBe(false);
  });

  it.each([
    ['role:admin or', 'rule rule cannot be read: it ends too soon'],
    ['(role:admin', 'rule rule cannot be read: a parenthesis is not closed'],
    ['role:admin)', 'rule rule cannot be read: ) is one word too many'],
    ['role:admin role:auditor', 'rule rule cannot be read: role:auditor is one word too many'],
    ['rule:missing', 'rule rule refers to missing, which there is not'],
    ['rule:constructor', 'rule rule refers to constructor, which there is not'],
    ['rule:rule', 'rule rule refers to itself'],
    ['and', 'rule rule cannot be read: and is not among'],
    ['is_admin:True', 'rule rule cannot be read: is_admin:True is not among'],
    ['role:%(user_id)s', 'rule rule cannot be read: role:%(user_id)s is not among'],
    ['http://example.org/%(user_id)s', 'rule rule cannot be read: http://example.org/%(user_id)s is not among'],
    ['%', 'rule rule cannot be read: % is not among'],
  ])('%s is refused at the start', (rule, expected) => {
    expect(() => new Rules({ rule }, ['rule'])).toThrow(InvalidRules);
    expect(() => new Rules({ rule }, ['rule'])).toThrow(expected);
  });

  it('is used by the name that Nova has for it', () => {
    const rules = rulesWith({ [RULE]: 'rule:context_is_admin or rule:helper', helper: 'role:helpdesk', other: '@' });
    const helper = new Caller('h', 'p', ['helpdesk'], rules);
    expect(ownerFor(helper, RULE, 'alice')).toBe('alice');
    expect(() => ownerFor(helper, 'os_compute_api:os-keypairs:delete', 'alice')).toThrow(
      "Policy doesn't allow os_compute_api:os-keypairs:delete to be performed.",
    );
    expect(rules.unused()).toEqual(['other']);
  });

  it('as Nova has them lets administrators at everything and others at their own', () => {
    const admin = new Caller('a', 'p', ['admin'], DEFAULT_RULES);
    const member = new Caller('m', 'p', ['member'], DEFAULT_RULES);
    expect(ownerFor(admin, RULE, 'm')).toBe('m');
    expect(ownerFor(member, RULE, undefined)).toBe('m');
    expect(ownerFor(member, RULE, '')).toBe('m');
    expect(() => ownerFor(member, RULE, 'a')).toThrow(RULE);
    expect(() => requirePolicy(member, 'os_compute_api:os-quota-sets:update', { projectId: 'p' })).toThrow(
      'os-quota-sets:update',
    );
  });
});
