import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { requireAddresses } from '../../src/guests/guest-access.js';
import { Caller } from '../../src/domain/caller.js';
import { DEFAULT_RULES } from '../../src/policy/policy.js';

const caller = (...roles: string[]): Caller => new Caller('alice', 'blue', roles, DEFAULT_RULES);

describe('an address', () => {
  const config = readConfig({ AUTH_MODE: 'none' });

  it.each([
    ['none', 'admin', true, true],
    ['keystone', 'admin', false, true],
    ['keystone', 'owner', true, true],
  ] as const)(
    'with AUTH_MODE %s and GUEST_ADDRESSES %s: a member may claim one: %s, an administrator: %s',
    (...row) => {
      const [authMode, guestAddresses, member, administrator] = row;
      const settings = { ...config, authMode, guestAddresses } as typeof config;
      const may = (who: Caller): boolean => {
        try {
          requireAddresses(who, { userId: 'alice', projectId: 'blue' }, settings);
          return true;
        } catch {
          return false;
        }
      };
      expect([may(caller('member')), may(caller('admin'))]).toEqual([member, administrator]);
    },
  );
});
