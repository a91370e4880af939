import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { recording } from '../support/recording.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const preflights = recording('routes')
  .scenarios.flatMap(({ steps }) => steps)
  .filter(({ request }) => request.method === 'OPTIONS');

let app: StartedApp;

beforeAll(async () => {
  app = await startApp();
});

afterAll(() => app.stop());

/** What a browser sends with a script of another site. */
const ORIGIN = { Origin: 'https://evil.example' };
const PREFLIGHT = {
  ...ORIGIN,
  'Access-Control-Request-Method': 'DELETE',
  'Access-Control-Request-Headers': 'x-auth-token',
};

const corsHeadersOf = (headers: Readonly<Record<string, string>>): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

describe('a browser with a script of another site', () => {
  it.each(preflights)(
    'is answered OPTIONS $request.path as Nova does, and gets no permission',
    async ({ request, response }) => {
      const reply = await app.client.with(PREFLIGHT).send({ method: 'OPTIONS', target: request.path });
      expect(reply.status).toBe(response.status);
      expect(reply.text).toBe(response.text ?? '');
      expect(corsHeadersOf(reply.headers)).toEqual([]);
    },
  );

  it.each(['/', '/v2.1/', '/v2.1/os-keypairs', '/v2.1/os-keypairs/none', '/v1/guests', '/openapi.json', '/livez'])(
    'gets no permission to read %s',
    async (target) => {
      const reply = await app.client.with(ORIGIN).get(target);
      expect(reply.status).toBeLessThan(500);
      expect(corsHeadersOf(reply.headers)).toEqual([]);
    },
  );
});
