import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { addressGroup } from '../../src/domain/ip-address.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
import { hashOfEachCost, verifyInEqualTime } from '../../src/identity/passwords.js';

const right = (): Promise<boolean> => Promise.resolve(true);
const wrong = (): Promise<boolean> => Promise.resolve(false);

describe('a log-in', () => {
  let throttle: LoginThrottle;

  beforeEach(() => {
    jest.useFakeTimers();
    throttle = new LoginThrottle();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Milliseconds on the clock until the attempt has ended. */
  async function waitOf(user: string, address: string, isRight = wrong): Promise<number> {
    const start = Date.now();
    const ends: number[] = [];
    void throttle.attempt(user, address, isRight).then(() => ends.push(Date.now()));
    await jest.advanceTimersByTimeAsync(0);
    while (ends.length === 0) await jest.advanceTimersToNextTimerAsync();
    return ends[0] - start;
  }

  it('waits longer after each failure of its user, and of its address', async () => {
    for (let tries = 1; tries <= 4; tries += 1) expect(await waitOf(`user ${tries}`, '192.0.2.1')).toBe(0);
    expect(await waitOf('another user', '192.0.2.1')).toBe(250);
    for (let tries = 1; tries <= 4; tries += 1) expect(await waitOf('alice', `198.51.100.${tries}`)).toBe(0);
    expect(await waitOf('alice', '198.51.100.9')).toBe(250);
    expect(await waitOf('alice', '198.51.100.10')).toBe(500);
    expect(await waitOf('carol', '192.0.2.3')).toBe(0);
  });

  it.each([
    ['a /64 of IPv6 as one address', (at: number) => `2001:db8::${at.toString(16)}`, 4],
    ['a /48 of IPv6 as one address, after more failures', (at: number) => `2001:db8:0:${at.toString(16)}::1`, 49],
    ['IPv4 in IPv6 as IPv4', (at: number) => (at % 2 ? '192.0.2.1' : '::ffff:c000:201'), 4],
  ])('counts %s', async (_, address, failures) => {
    for (let at = 0; at < failures; at += 1) expect(await waitOf(`user ${at}`, address(at))).toBe(0);
    expect(await waitOf('another', address(failures))).toBeGreaterThan(0);
    expect(await waitOf('another', '2001:db8:1::1')).toBe(0);
  });

  it('is answered 429 after many failures, with the seconds to wait', async () => {
    for (let tries = 0; tries < 9; tries += 1) await waitOf('alice', '192.0.2.1');
    const outcomes = Array.from({ length: 10 }, (_, at) => throttle.attempt('alice', `192.0.2.${at + 2}`, wrong));
    const refused = outcomes.map((each) => each.catch((error: unknown) => error));
    await jest.advanceTimersByTimeAsync(60_000);
    const [last] = (await Promise.all(refused)).slice(-1);
    expect(last).toMatchObject({
      status: 429,
      message: expect.stringMatching(/Try again in \d+ seconds/),
      headers: { 'Retry-After': expect.stringMatching(/^\d+$/) },
    });
  });

  it('counts from its beginning, so that concurrent ones are not more guesses', async () => {
    let guesses = 0;
    const guess = (): Promise<boolean> => {
      guesses += 1;
      return Promise.resolve(false);
    };
    for (let at = 0; at < 60; at += 1) void throttle.attempt('alice', '192.0.2.1', guess).catch(() => undefined);
    await jest.advanceTimersByTimeAsync(1);
    expect(guesses).toBeLessThanOrEqual(5);
  });

  it('from where its user has logged in before does not wait for the failures of others', async () => {
    await waitOf('alice', '192.0.2.1', right);
    for (let tries = 0; tries < 20; tries += 1) {
      await waitOf('alice', '192.0.2.9');
      await waitOf('mallory', '192.0.2.1');
    }
    expect(await waitOf('alice', '192.0.2.1', right)).toBe(0);
  });

  it('from where its user has logged in before comes before unknown clients, and takes the place of one', async () => {
    await waitOf('alice', '192.0.2.1', right);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const check = (name: string) => (): Promise<boolean> =>
      new Promise((end) => {
        order.push(name);
        ends.push(() => end(true));
      });
    const refused: unknown[] = [];
    const attempt = (name: string, address: string): void =>
      void throttle.attempt(name, address, check(name)).catch((error: unknown) => refused.push(error));
    for (let at = 0; at < 66; at += 1) attempt(`stranger ${at}`, `198.51.100.${at}`);
    attempt('alice', '192.0.2.1');
    await jest.advanceTimersByTimeAsync(1);
    expect(refused).toMatchObject([{ kind: 'unavailable' }]);
    ends[0]();
    await jest.advanceTimersByTimeAsync(1);
    expect(order).toEqual(['stranger 0', 'stranger 1', 'alice']);
    for (let at = 1; at < 67; at += 1) {
      ends[at]?.();
      await jest.advanceTimersByTimeAsync(1);
    }
    expect(order).toHaveLength(66);
  });

  it('with the fewest failures comes first', async () => {
    for (let tries = 0; tries < 3; tries += 1) await waitOf('mallory', '192.0.2.9');
    const order: string[] = [];
    const ends: (() => void)[] = [];
    for (const [name, address] of [
      ['a', '192.0.2.1'],
      ['b', '192.0.2.2'],
      ['mallory', '192.0.2.9'],
      ['carol', '192.0.2.3'],
    ]) {
      void throttle.attempt(name, address, () => {
        order.push(name);
        return new Promise((end) => ends.push(() => end(true)));
      });
    }
    await jest.advanceTimersByTimeAsync(1);
    for (let at = 0; at < 4; at += 1) {
      ends[at]();
      await jest.advanceTimersByTimeAsync(1);
    }
    expect(order).toEqual(['a', 'b', 'carol', 'mallory']);
  });
});

describe('addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ])('such as %s count as %s', (address, group) => {
    expect(addressGroup(address)).toBe(group);
  });
});

describe('a refused password', () => {
  const CHEAP = '$2b$04$0CnL71MuZ.784n/HYtafGOua3jJCmvypaitEs3Br7GFwbMVHIZwdm';
  const DEAR = '$2b$12$0CnL71MuZ.784n/HYtafGOua3jJCmvypaitEs3Br7GFwbMVHIZwdm';
  const hashes = hashOfEachCost([CHEAP, CHEAP.replace('$2b', '$2y'), DEAR]);

  it('is checked against one hash of each cost', () => {
    expect(hashes.map((each) => each.slice(4, 6))).toEqual(['04', '12']);
  });

  it.each([
    ['a known user', CHEAP, 'wrong'],
    ['an unknown user', undefined, 'wrong'],
    ['a known user, an overlong password', CHEAP, 'z'.repeat(80)],
    ['an unknown user, a very long password', undefined, 'z'.repeat(5000)],
  ])('of %s takes the same work', async (_, hash, password) => {
    // The work shows in the thread pool's time for the most expensive hash, which no path may skip.
    const start = process.cpuUsage().user;
    expect(await verifyInEqualTime(password, hash, hashes)).toBe(false);
    expect(process.cpuUsage().user - start).toBeGreaterThan(20_000);
  });
});
