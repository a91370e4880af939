import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TRACING } from '../../src/tracing/tracing.js';
import { KeystoneStandIn } from '../identity/keystone-stand-in.js';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { sshKeygen } from '../support/ssh-keygen.js';

const TRACE = 'aaaabbbbccccddddeeeeffff00001111';
const PARENT = '1234567890abcdef';

let receiver: OtlpReceiver;

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
});

afterEach(() => receiver.stop());

/** The spans of a service with its clients' requests; all are exported when the service stops, at the latest. */
async function traced(settings: Record<string, string>, work: (app: StartedApp) => Promise<void>): Promise<void> {
  const app = await startApp(settings);
  await work(app);
  await app.stop();
}

const requests = (): ReceivedSpan[] => receiver.spans.filter(({ kind }) => kind === 2);
const calls = (): ReceivedSpan[] => receiver.spans.filter(({ kind }) => kind === 3);

describe('traces', () => {
  it('have a span for each request, and in it one for each statement', async () => {
    let requestId: string | undefined;
    await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, async (app) => {
      const alice = app.as('alice').at('2.92');
      const body = { keypair: { name: 'laptop', public_key: sshKeygen() } };
      const reply = await alice.post('/v2.1/os-keypairs', body);
      expect(reply.status).toBe(201);
      requestId = reply.headers['x-openstack-request-id'];
    });
    expect(receiver.exports[0].path).toBe('/v1/traces');
    expect(requests()).toEqual([
      {
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        parentId: '',
        name: 'POST /v2.1/os-keypairs',
        kind: 2,
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/v2.1/os-keypairs',
          'http.response.status_code': 201,
          'url.scheme': 'http',
          'user.id': 'alice',
          'latchkey.microversion': '2.92',
          'latchkey.request_id': requestId,
        },
        status: 0,
        service: 'latchkey',
      },
    ]);
    const [request] = requests();
    expect(calls().length).toBeGreaterThan(0);
    for (const { traceId, parentId, name, attributes } of calls()) {
      expect([traceId, parentId]).toEqual([request.traceId, request.spanId]);
      expect(attributes).toEqual({ 'db.system.name': 'postgresql', 'db.query.summary': name });
    }
  });

  it('continue the trace of the client, under the configured service name', async () => {
    const settings = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/elsewhere`, OTEL_SERVICE_NAME: 'keys' };
    await traced(settings, async (app) => {
      const client = app.as('alice').with({ traceparent: `00-${TRACE}-${PARENT}-01` });
      expect((await client.at('2.92').get('/v2.1/os-keypairs/none')).status).toBe(404);
    });
    expect(receiver.exports[0].path).toBe('/elsewhere');
    expect(requests()[0]).toMatchObject({
      traceId: TRACE,
      parentId: PARENT,
      service: 'keys',
      name: 'GET /v2.1/os-keypairs/:name',
      attributes: { 'http.response.status_code': 404, 'error.type': 'KeypairNotFound' },
      status: 0,
    });
  });

  it('do not cover requests whose client does not sample them', async () => {
    await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, async (app) => {
      await app
        .as('alice')
        .with({ traceparent: `00-${TRACE}-${PARENT}-00` })
        .get('/v2.1/os-keypairs');
    });
    expect(receiver.spans).toEqual([]);
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1.0' }, 3],
    [{ OTEL_SDK_DISABLED: 'true' }, 0],
    [{ OTEL_TRACES_EXPORTER: 'none' }, 0],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, 3],
  ])('with %j cover %i of three requests', async (settings, count) => {
    await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...settings }, async (app) => {
      for (let i = 0; i < 3; i += 1) expect((await app.as('alice').get('/v2.1/os-keypairs')).status).toBe(200);
    });
    expect(requests()).toHaveLength(count);
  });

  it('have a span for each request to Keystone, which receives the trace', async () => {
    const keystone = new KeystoneStandIn();
    await keystone.start();
    keystone.knows('token-of-alice', { userId: 'alice' });
    const settings = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      AUTH_MODE: 'keystone',
      KEYSTONE_AUTH_URL: keystone.url,
      KEYSTONE_PASSWORD: 'secret-of-nova',
    };
    await traced(settings, async (app) => {
      const client = app.client.with({ 'X-Auth-Token': 'token-of-alice', traceparent: `00-${TRACE}-${PARENT}-01` });
      expect((await client.get('/v2.1/os-keypairs')).status).toBe(200);
    });
    await keystone.kill();
    const sent = calls().filter(({ attributes }) => 'server.address' in attributes);
    const address = { 'server.address': '127.0.0.1', 'server.port': Number(new URL(keystone.url).port) };
    expect(sent).toMatchObject([
      { name: 'POST', attributes: { ...address, 'http.response.status_code': 201 } },
      { name: 'GET', attributes: { ...address, 'http.response.status_code': 200 } },
    ]);
    expect(keystone.traceparents).toEqual(sent.map(({ spanId }) => `00-${TRACE}-${spanId}-01`));
    const exported = Buffer.concat(receiver.bytes).toString('latin1');
    for (const secret of ['token-of-alice', 'service-1', 'secret-of-nova']) expect(exported).not.toContain(secret);
  });

  it('hold nothing that a client made up, and no secret', async () => {
    await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, async (app) => {
      const client = app.as('alice').with({ 'X-Other': 'made-up', Authorization: 'Bearer made-up', Cookie: 'made-up' });
      await client.at('2.10').get('/v2.1/os-keypairs/made-up?user_id=made-up');
      await client.get('/made-up');
      await client.send({ method: 'POST', target: '/v2.1/os-keypairs', body: '{"made-up' });
      await client.at('2.10').post('/v2.1/os-keypairs', { keypair: { name: 'made-up' } });
    });
    expect(requests()).toHaveLength(4);
    const exported = Buffer.concat(receiver.bytes).toString('latin1');
    for (const secret of ['made-up', 'PRIVATE', 'ssh-rsa', 'alice:alice']) expect(exported).not.toContain(secret);
  });

  it('cost nothing if no collector is configured', async () => {
    await traced({}, async (app) => {
      expect(app.app.get(TRACING)).toBeUndefined();
      await app.as('alice').get('/v2.1/os-keypairs');
    });
    expect(receiver.exports).toEqual([]);
  });

  it('delay nothing if the collector is unavailable', async () => {
    const { url } = receiver;
    receiver.stop();
    await traced({ OTEL_EXPORTER_OTLP_ENDPOINT: url }, async (app) => {
      expect((await app.as('alice').get('/v2.1/os-keypairs')).status).toBe(200);
    });
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'must be one of otlp, none'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'must be one of http/protobuf'],
    ['OTEL_TRACES_SAMPLER_ARG', '2', 'must be a number from 0 to 1'],
  ])('refuse %s=%s at the start', async (variable, value, problem) => {
    await expect(startApp({ [variable]: value })).rejects.toThrow(`${variable} ${problem}`);
  });
});
