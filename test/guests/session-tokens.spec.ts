import { afterEach, describe, expect, it } from '@jest/globals';
import { InvalidConfig, readConfig } from '../../src/config/config.js';
import { SessionTokens } from '../../src/metadata/session-tokens.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { GuestClient } from './guest-client.js';

const TTL = 'X-aws-ec2-metadata-token-ttl-seconds';
const TOKEN = 'X-aws-ec2-metadata-token';
const HOSTNAME = '/latest/meta-data/hostname';

describe('a session token, as of EC2 IMDSv2,', () => {
  const services: StartedApp[] = [];
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
  });

  /** A service with one guest at 127.0.0.2 and another at 127.0.0.3. */
  async function serve(settings: Record<string, string> = {}): Promise<(at?: string) => GuestClient> {
    const service = await startApp(settings);
    services.push(service);
    for (const [name, address, id] of [
      ['web', '127.0.0.2', '00000000-0000-4000-8000-000000000002'],
      ['db', '127.0.0.3', '00000000-0000-4000-8000-000000000003'],
    ]) {
      await service.as('admin').post('/v1/guests', { guest: { id, name, addresses: [address] } });
    }
    return (at = '127.0.0.2') => new GuestClient(service.guest.host, at);
  }

  const tokenOf = async (guest: GuestClient): Promise<string> => {
    const { status, text } = await guest.with({ [TTL]: '60' }).send('PUT', '/latest/api/token');
    if (status !== 200) throw new Error(`${status}: ${text}`);
    return text;
  };
  const statusOf = async (guest: GuestClient, target: string, token?: string): Promise<number> =>
    (await guest.with(token === undefined ? {} : { [TOKEN]: token }).get(target)).status;

  it('is issued for 1 to 21600 seconds, and for no other lifetime', async () => {
    const guest = (await serve())();
    for (const ttl of ['1', '21600']) {
      const issued = await guest.with({ [TTL]: ttl }).send('PUT', '/latest/api/token');
      expect(issued).toMatchObject({ status: 200, type: 'text/plain; charset=UTF-8' });
      expect(issued.text).toMatch(/^[A-Za-z0-9_-]{40,60}$/);
    }
    for (const ttl of ['0', '-1', '21601', '1e3', '060', ' ', 'x', '9'.repeat(400)]) {
      expect((await guest.with({ [TTL]: ttl }).send('PUT', '/latest/api/token')).status).toBe(400);
    }
    expect((await guest.send('PUT', '/latest/api/token')).status).toBe(400);
    expect((await guest.with({ [TTL]: ['60', '60'] }).send('PUT', '/latest/api/token')).status).toBe(400);
    expect((await guest.with({ [TTL]: '60' }).send('PUT', '/latest/meta-data/hostname')).status).toBe(400);
    expect((await guest.get('/latest/api/token')).status).toBe(404);
  });

  it('is issued to guests only, and not through a proxy', async () => {
    const guestAt = await serve();
    const stranger = guestAt('127.0.0.9').with({ [TTL]: '60' });
    expect((await stranger.send('PUT', '/latest/api/token')).status).toBe(404);
    const forwarded = guestAt().with({ [TTL]: '60', 'X-Forwarded-For': '127.0.0.2' });
    expect((await forwarded.send('PUT', '/latest/api/token')).status).toBe(404);
  });

  it('may be omitted, but must be valid if it is sent', async () => {
    const guestAt = await serve();
    const token = await tokenOf(guestAt());
    expect(await statusOf(guestAt(), HOSTNAME)).toBe(200);
    expect(await statusOf(guestAt(), HOSTNAME, token)).toBe(200);
    const flipped = token.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    for (const wrong of ['', 'x', flipped, `${token}=`, `${token} x`, token.slice(1), `A${token}`, 'A'.repeat(51)]) {
      expect(await statusOf(guestAt(), HOSTNAME, wrong)).toBe(401);
    }
    expect(await statusOf(guestAt('127.0.0.3'), HOSTNAME, token)).toBe(401);
  });

  it('must be sent with METADATA_TOKENS=required for everything but /openstack', async () => {
    const guestAt = await serve({ METADATA_TOKENS: 'required' });
    const token = await tokenOf(guestAt());
    for (const target of [
      '/',
      '/latest',
      HOSTNAME,
      '/2009-04-04/meta-data/hostname',
      '/ec2/latest/meta-data',
      '/1.0',
    ]) {
      expect([target, await statusOf(guestAt(), target)]).toEqual([target, 401]);
      expect([target, await statusOf(guestAt(), target, token)]).toEqual([target, 200]);
    }
    for (const target of ['/openstack', '/openstack/latest/meta_data.json']) {
      expect([target, await statusOf(guestAt(), target)]).toEqual([target, 200]);
      expect([target, await statusOf(guestAt(), target, 'wrong')]).toEqual([target, 200]);
    }
  });

  it('of one replica is accepted by another with the same METADATA_SECRET, also while that is replaced', async () => {
    const [old, fresh] = ['f3c1a9d27b604e58', '0b7de94c5a1f8263'];
    const [first, replacing, last, alone] = await Promise.all([
      serve({ METADATA_SECRET: old }),
      serve({ METADATA_SECRET: `${fresh} ${old}` }),
      serve({ METADATA_SECRET: fresh }),
      serve(),
    ]);
    const token = await tokenOf(first());
    expect(await statusOf(replacing(), HOSTNAME, token)).toBe(200);
    expect(await statusOf(last(), HOSTNAME, await tokenOf(replacing()))).toBe(200);
    expect(await statusOf(last(), HOSTNAME, token)).toBe(401);
    expect(await statusOf(alone(), HOSTNAME, token)).toBe(401);
  });

  it('expires', () => {
    let now = 1_000_000;
    const tokens = new SessionTokens([], () => now);
    const sent = (name: string, value: string): never =>
      ({ headersDistinct: { [name.toLowerCase()]: [value] } }) as never;
    const guest = { id: 'web' } as never;
    const token = String(tokens.issue(guest, sent(TTL, '60')).content);
    now += 59_999;
    tokens.check(guest, sent(TOKEN, token), true);
    now += 1;
    expect(() => tokens.check(guest, sent(TOKEN, token), true)).toThrow(TOKEN);
  });

  it('cannot be required behind Neutron, whose agents forward none', async () => {
    const neutron = { METADATA_MODE: 'neutron', METADATA_SECRET: 'f3c1a9d27b604e58' };
    expect(() => readConfig({ AUTH_MODE: 'none', ...neutron, METADATA_TOKENS: 'required' })).toThrow(InvalidConfig);
    const guest = (await serve(neutron))();
    expect((await guest.with({ [TTL]: '60' }).send('PUT', '/latest/api/token')).status).toBe(400);
  });
});
