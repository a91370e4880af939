import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedApp, startApp } from '../support/start-app.js';
import { sshKeygen } from '../support/ssh-keygen.js';

let app: StartedApp;
let text: string;

beforeAll(async () => {
  app = await startApp({ ADMIN_PORT: '0', KEYPAIR_QUOTA: '2', KEYPAIR_MAX_LIFETIME: '20' });
  const alice = app.as('alice').at('2.92');
  const create = (name: string, publicKey: string) =>
    alice.post('/v2.1/os-keypairs', { keypair: { name, public_key: publicKey } });
  await create('laptop', sshKeygen());
  await create('laptop', sshKeygen());
  await create('broken', 'ssh-ed25519 AAAA');
  await create('second', sshKeygen());
  await create('third', sshKeygen());
  await alice.delete('/v2.1/os-keypairs/second');
  await alice.get('/v2.1/os-keypairs/name-that-a-client-made-up');
  await alice.get('/path-that-a-client-made-up');
  text = (await app.admin.get('/metrics')).text;
});

afterAll(() => app.stop());

/** The value of a series. */
function valueOf(series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

describe('the metrics', () => {
  it.each([
    ['latchkey_http_requests_total{method="POST",route="/v2.1/os-keypairs",version="2.92",status="201"}', 2],
    ['latchkey_http_requests_total{method="POST",route="/v2.1/os-keypairs",version="2.92",status="409"}', 1],
    ['latchkey_http_requests_total{method="DELETE",route="/v2.1/os-keypairs/:name",version="2.92",status="204"}', 1],
    ['latchkey_http_request_duration_seconds_count{method="POST",route="/v2.1/os-keypairs"}', 5],
    ['latchkey_changes_total{action="keypair.create",kind="ssh-ed25519"}', 2],
    ['latchkey_changes_total{action="keypair.delete",kind=""}', 1],
    ['latchkey_refusals_total{reason="keypair-exists"}', 1],
    ['latchkey_refusals_total{reason="truncated"}', 1],
    ['latchkey_refusals_total{reason="keypair-quota-exceeded"}', 1],
    ['latchkey_refusals_total{reason="keypair-not-found"}', 1],
    ['latchkey_certificates_expiring{when="ended"}', 0],
    ['latchkey_keypairs_expiring{within_days="0"}', 0],
    ['latchkey_keypairs_expiring{within_days="30"}', 1],
  ])('hold %s', (series, value) => {
    expect(valueOf(series)).toBe(value);
  });

  it.each(['latchkey_database_connections{state="idle"}', 'nodejs_eventloop_lag_p99_seconds', 'process_open_fds'])(
    'measure %s',
    (series) => {
      expect(valueOf(series)).toBeGreaterThanOrEqual(0);
    },
  );

  it('contain nothing that a client made up', () => {
    expect(text).not.toContain('made-up');
    expect(text).not.toContain('laptop');
    expect(text).not.toContain('alice');
  });

  it('are not on the port of the API', async () => {
    expect((await app.client.get('/metrics')).status).toBe(300);
  });

  it('are served without the API on their port', async () => {
    expect((await app.admin.get('/v2.1/os-keypairs')).status).toBe(404);
    expect((await app.admin.post('/metrics', {})).status).toBe(405);
  });
});
