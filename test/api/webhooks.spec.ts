import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import { Webhook } from 'standardwebhooks';
import type { DataSource } from 'typeorm';
import { Audit } from '../../src/audit/audit.js';
import type { Change } from '../../src/audit/audit-line.js';
import { WebhookSender } from '../../src/webhooks/webhook-sender.js';
import { WebhooksService } from '../../src/webhooks/webhooks.service.js';
import { identityYaml, type TestUser, temporaryDirectory, testId } from '../identity/identity-yaml.js';
import type { Client, Reply } from '../support/client.js';
import { logIn, type RequestedScope } from '../support/log-in.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { until } from '../support/until.js';
import { type Received, type ReceiverAnswer, WebhookReceiver } from '../support/webhook-receiver.js';

interface ShownWebhook {
  readonly id: number;
  readonly enabled: boolean;
  readonly failing_since: string | null;
  readonly secret: string;
}
interface Delivery {
  readonly id: number;
  readonly event_id: string;
  readonly type: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly failure: string | null;
  readonly next_attempt_at: string | null;
}

const PASSWORD = 'a password';
const DEMO = testId('project demo');
const KEY = sshKeygen().trim();
const WEBHOOKS = '/v1/webhooks';
const ALL = 'https://hooks.example.com/';

const USERS: readonly TestUser[] = [
  { name: 'member', roles: { demo: ['member'] } },
  { name: 'manager', roles: { demo: ['manager'], other: ['manager'] } },
  { name: 'admin', roles: { other: ['admin'] }, system_roles: ['admin'] },
];

let service: StartedApp;
let database: DataSource;
let receiver: WebhookReceiver;
let member: Client;
let manager: Client;
let elsewhere: Client;
let admin: Client;
const directory = temporaryDirectory();
const audited: Change[] = [];
let paths = 0;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  service = await startApp({
    AUTH_MODE: 'builtin',
    IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['demo', 'other'], USERS, PASSWORD)),
    TOKEN_KEY_FILE: `${directory.path}/token.key`,
    WEBHOOK_HTTP: 'true',
    WEBHOOK_NETWORKS: '127.0.0.1,198.51.100.0/24',
    KEYPAIR_QUOTA: '-1',
    RATE_LIMIT: 'off',
  });
  database = service.app.get<DataSource>(getDataSourceToken());
  service.app.get(Audit).onChange((change) => audited.push(change));
  const as = async (name: string, scope: RequestedScope): Promise<Client> =>
    service.client.with({
      'X-Auth-Token': await logIn(service.client, '/identity/v3', { name, password: PASSWORD }, scope),
    });
  member = await as('member', { project: 'demo' });
  manager = await as('manager', { project: 'demo' });
  elsewhere = await as('manager', { project: 'other' });
  admin = await as('admin', 'system');
});
afterAll(async () => {
  await service?.stop();
  receiver?.stop();
  directory.remove();
});

/** The body of an answer that has one of these statuses. */
const bodyOf = (reply: Reply, ...statuses: number[]): Reply['body'] => {
  expect([statuses.includes(reply.status), reply.text]).toEqual([true, reply.text]);
  return reply.body;
};
const webhookIn = (reply: Reply, status = 200): ShownWebhook => {
  const { webhook }: { webhook: ShownWebhook } = bodyOf(reply, status);
  return webhook;
};
const webhooksIn = (reply: Reply): readonly ShownWebhook[] => {
  const { webhooks }: { webhooks: ShownWebhook[] } = bodyOf(reply, 200);
  return webhooks;
};
const deliveryIn = (reply: Reply): Delivery => {
  const { delivery }: { delivery: Delivery } = bodyOf(reply, 202);
  return delivery;
};
const patch = (client: Client, target: string, webhook: object): Promise<Reply> =>
  client.send({
    method: 'PATCH',
    target,
    body: JSON.stringify({ webhook }),
    headers: { 'Content-Type': 'application/json' },
  });
const act = (client: Client, target: string): Promise<Reply> => client.send({ method: 'POST', target });
const create = (client: Client, webhook: object): Promise<Reply> =>
  client.post(WEBHOOKS, { webhook: { url: ALL, types: ['keypair.*'], ...webhook } });
const deliveriesOf = async (client: Client, id: number): Promise<readonly Delivery[]> => {
  const { deliveries }: { deliveries: Delivery[] } = bodyOf(await client.get(`${WEBHOOKS}/${id}/deliveries`), 200);
  return deliveries;
};
const importKey = async (client: Client, name: string): Promise<void> => {
  bodyOf(await client.at('2.92').post('/v2.1/os-keypairs', { keypair: { name, type: 'ssh', public_key: KEY } }), 201);
};
const share = async (client: Client, name: string): Promise<void> => {
  bodyOf(await client.put(`/v1/projects/${DEMO}/keypairs/${name}`, { keypair: { public_key: KEY } }), 201);
};
/** Makes every delivery that waits for its retry due. */
const passTime = async (): Promise<void> => {
  await database.query(`UPDATE webhook_deliveries SET due_at = timezone('utc', now()) WHERE due_at IS NOT NULL`);
  service.app.get(WebhookSender).wake();
};

/** A webhook at a path of the receiver that no other test uses; removed afterwards. */
async function withWebhook(
  client: Client,
  webhook: object,
  test: (made: ShownWebhook, path: string) => Promise<void>,
  answer?: ReceiverAnswer,
): Promise<void> {
  const path = `/${(paths += 1)}`;
  if (answer) receiver.responses.set(path, answer);
  const made = webhookIn(await create(client, { url: receiver.url(path), ...webhook }), 201);
  try {
    await test(made, path);
  } finally {
    bodyOf(await client.delete(`${WEBHOOKS}/${made.id}`), 204);
  }
}
const arrived = (path: string, count = 1): Promise<readonly Received[]> =>
  until<Received[] | undefined>(() => {
    const received = receiver.at(path);
    return received.length >= count ? received : undefined;
  }, `${count} deliveries arrive`);
/** The only delivery, as soon as an attempt has ended. */
const attempted = (client: Client, id: number, attempts = 1): Promise<Delivery> =>
  until<Delivery | undefined>(async () => {
    const newest = (await deliveriesOf(client, id)).at(0);
    const hasEnded = newest !== undefined && (newest.status ?? newest.failure) !== null && newest.attempts >= attempts;
    return hasEnded ? newest : undefined;
  }, `attempt ${attempts} has ended`);
/** Throws unless the library of Standard Webhooks accepts the delivery. */
const verify = (secret: string, { text, headers }: Received): unknown => new Webhook(secret).verify(text, headers);

describe('a webhook', () => {
  it('shows its secret when it is created and when the secret is rotated, and never again', async () => {
    const made = webhookIn(await create(manager, { note: 'billing' }), 201);
    const path = `${WEBHOOKS}/${made.id}`;
    expect(made).toEqual({
      id: expect.any(Number),
      project_id: DEMO,
      url: ALL,
      types: ['keypair.*'],
      enabled: true,
      note: 'billing',
      include_public_key: false,
      created_by: testId('user manager'),
      created_at: expect.any(String),
      failing_since: null,
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { secret, ...shown } = made;
    const rotated = webhookIn(await act(manager, `${path}/rotate-secret`));
    expect(rotated.secret).not.toBe(secret);
    expect(webhookIn(await manager.get(path))).toEqual(shown);
    const later = [
      await manager.get(path),
      await manager.get(WEBHOOKS),
      await patch(manager, path, { note: null }),
      await manager.get(`${path}/deliveries`),
    ];
    for (const each of [secret, rotated.secret]) {
      expect(later.map(({ status, text }) => [status, text.includes(each.slice(6, 20))])).toEqual(
        later.map(() => [200, false]),
      );
      expect(JSON.stringify(audited)).not.toContain(each.slice(6, 20));
    }
    expect((await manager.delete(path)).status).toBe(204);
    expect((await manager.get(path)).status).toBe(404);
    const actions = audited.filter(({ name }) => name === String(made.id)).map(({ action, owner }) => [action, owner]);
    expect(actions).toEqual(
      ['create', 'rotate-secret', 'update', 'delete'].map((action) => [`webhook.${action}`, `project:${DEMO}`]),
    );
  });

  it('is changed in the given fields, and nothing else', async () => {
    await withWebhook(manager, { note: 'old' }, async ({ id, secret: _secret, ...made }) => {
      const changed = webhookIn(
        await patch(manager, `${WEBHOOKS}/${id}`, { types: ['quota.updated'], enabled: false }),
      );
      expect(changed).toEqual({ id, ...made, types: ['quota.updated'], enabled: false });
    });
  });

  it('is listed in pages whose links lead through all of them, once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => create(manager, {})));
    const ids = made.map((reply) => webhookIn(reply, 201).id).toSorted((a, b) => a - b);
    const seen: number[] = [];
    let target: string | undefined = `${WEBHOOKS}?limit=2`;
    while (target !== undefined) {
      const page: { webhooks: ShownWebhook[]; webhooks_links?: { href: string }[] } = bodyOf(
        await manager.get(target),
        200,
      );
      seen.push(...page.webhooks.map(({ id }) => id));
      target = page.webhooks_links?.[0].href.replace(/^https?:\/\/[^/]+/, '');
    }
    expect(seen).toEqual(ids);
    for (const id of ids) expect((await manager.delete(`${WEBHOOKS}/${id}`)).status).toBe(204);
  });

  it('is one of at most ten of a project, however many are created at once', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => create(elsewhere, {})));
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 10 }, () => 201),
      ...Array.from({ length: 10 }, () => 403),
    ]);
    const made = replies.filter(({ status }) => status === 201).map((reply) => webhookIn(reply, 201).id);
    const remove = (id: number): Promise<Reply> => elsewhere.delete(`${WEBHOOKS}/${id}`);
    expect((await remove(made[0])).status).toBe(204);
    made[0] = webhookIn(await create(elsewhere, {}), 201).id;
    expect((await create(elsewhere, {})).status).toBe(403);
    for (const id of made) expect((await remove(id)).status).toBe(204);
  });
});

describe('only managers of its project and administrators', () => {
  it('create one', async () => {
    for (const [client, webhook, status] of [
      [member, {}, 403],
      [manager, { project_id: testId('project other') }, 403],
      [manager, { project_id: null }, 403],
    ] as const)
      expect((await create(client, webhook)).status).toBe(status);
  });

  it('see and change one, and others get 404', async () => {
    const { id } = webhookIn(await create(manager, {}), 201);
    const path = `${WEBHOOKS}/${id}`;
    for (const client of [member, elsewhere])
      for (const reply of [
        await client.get(path),
        await patch(client, path, { enabled: false }),
        await act(client, `${path}/test`),
        await act(client, `${path}/rotate-secret`),
        await client.get(`${path}/deliveries`),
        await act(client, `${path}/deliveries/1/retry`),
        await client.delete(path),
      ])
        expect([reply.status, reply.text]).toEqual([404, expect.stringContaining('could not be found')]);
    expect((await member.get(WEBHOOKS)).status).toBe(403);
    expect((await elsewhere.get(`${WEBHOOKS}?project_id=${DEMO}`)).status).toBe(403);
    expect(webhooksIn(await elsewhere.get(WEBHOOKS))).toEqual([]);
    expect(webhooksIn(await admin.get(WEBHOOKS))).toHaveLength(1);
    expect((await admin.delete(path)).status).toBe(204);
  });

  it('see those of all projects, if they are administrators', async () => {
    const { id } = webhookIn(await create(admin, {}), 201);
    expect((await manager.get(`${WEBHOOKS}/${id}`)).status).toBe(404);
    expect(webhooksIn(await manager.get(WEBHOOKS))).toEqual([]);
    expect((await admin.delete(`${WEBHOOKS}/${id}`)).status).toBe(204);
  });
});

describe('what is refused', () => {
  it.each(['url', 'types'])('a webhook without %s, with 400', async (name) => {
    const reply = await create(admin, { [name]: undefined });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(`'${name}' is a required property`)]);
  });

  it.each([
    [{ url: 'ftp://hooks.example.com/' }, 'url'],
    [{ url: 'hooks.example.com' }, 'url'],
    [{ url: 'https://user:secret@hooks.example.com/' }, 'without a user'],
    [{ url: `https://hooks.example.com/${'x'.repeat(2000)}` }, 'at most 2000'],
    [{ url: 7 }, 'is not of type'],
    [{ types: [] }, 'At least one'],
    [{ types: 'keypair.*' }, 'is not of type'],
    [{ types: ['keypair'] }, 'is not one of'],
    [{ types: ['*'] }, 'is not one of'],
    [{ types: [null] }, 'is not one of'],
    [{ types: ['keypair.*', 'keypair.*'] }, 'non-unique'],
    [{ enabled: 'yes' }, 'is not of type'],
    [{ note: 'x'.repeat(256) }, 'longer than 255'],
    [{ project_id: '' }, 'project_id'],
    [{ secret: 'whsec_mine' }, 'unexpected'],
  ])('%#: a webhook with a bad property, with 400', async (webhook, words) => {
    const reply = await create(admin, webhook);
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining(words)]);
  });

  it.each([
    'http://10.0.0.1/',
    'https://127.0.0.2/',
    'https://0x7f.2/',
    'https://2130706434/',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[2002:a00:1::1]/',
    'https://[fd00::1]/',
    'https://0.0.0.0/',
  ])('the address %s, with 400, when it is created and when it is changed', async (url) => {
    await withWebhook(manager, {}, async ({ id }) => {
      for (const reply of [await create(manager, { url }), await patch(manager, `${WEBHOOKS}/${id}`, { url })])
        expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('has no public address')]);
    });
  });

  it('a URL without TLS, unless WEBHOOK_HTTP permits it', async () => {
    const strict = await startApp();
    const reply = await create(strict.client, { url: 'http://hooks.example.com/' });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('must begin with https://')]);
    await strict.stop();
  });

  it.each(['0', '01', 'x', '9'.repeat(19), '99999', '1%00'])('the id %s, with 404', async (id) => {
    expect((await admin.get(`${WEBHOOKS}/${id}`)).status).toBe(404);
    expect((await act(admin, `${WEBHOOKS}/${id}/test`)).status).toBe(404);
  });
});

describe('a delivery', () => {
  it('is what /v1/events lists, signed as Standard Webhooks defines', async () => {
    await withWebhook(manager, {}, async ({ id, secret }, path) => {
      await share(member, 'deploy');
      const [received, ...others] = await arrived(path);
      expect(others).toEqual([]);
      expect(verify(secret, received)).toEqual(received.body);
      expect(received.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'latchkey' });
      type Event = { event_id: string; type: string; timestamp: string; data: object };
      const { events }: { events: Event[] } = bodyOf(await member.get('/v1/events?scope=project'), 200);
      const { event_id, type, timestamp, data } = events.at(-1)!;
      expect(received.headers['webhook-id']).toBe(event_id);
      expect(received.body).toEqual({ type, timestamp, data });
      const delivery = await attempted(manager, id);
      expect(delivery).toMatchObject({ event_id, type, state: 'delivered', attempts: 1, status: 204, failure: null });
      expect(() => verify(secret, { ...received, text: `${received.text} ` })).toThrow('signature');
    });
  });

  it('has the public key only if it is requested', async () => {
    await withWebhook(admin, {}, (_plain, plainPath) =>
      withWebhook(admin, { include_public_key: true }, async (_full, fullPath) => {
        await importKey(member, 'with-key');
        const [[plain], [full]] = [await arrived(plainPath), await arrived(fullPath)];
        expect(plain.text).not.toContain('public_key');
        expect(full.body.data).toEqual({ ...plain.body.data, public_key: KEY });
        expect(full.headers['webhook-id']).toBe(plain.headers['webhook-id']);
      }),
    );
  });

  it('has events of its own project and its types; of all projects, only for administrators', async () => {
    await withWebhook(manager, { types: ['keypair.deleted'] }, (_deleted, deletedPath) =>
      withWebhook(manager, {}, (_own, ownPath) =>
        withWebhook(admin, { types: ['keypair.imported'] }, async (_all, allPath) => {
          await importKey(member, 'mine');
          await share(member, 'ours');
          bodyOf(await member.delete(`/v1/projects/${DEMO}/keypairs/ours`), 204);
          const names = async (path: string, count: number) =>
            (await arrived(path, count)).map(({ body }) => `${body.type} ${String(body.data.name)}`);
          expect(await names(deletedPath, 1)).toEqual(['keypair.deleted ours']);
          expect(await names(ownPath, 2)).toEqual(['keypair.imported ours', 'keypair.deleted ours']);
          // The deliveries of two owners may come in either order.
          expect((await names(allPath, 2)).toSorted()).toEqual(['keypair.imported mine', 'keypair.imported ours']);
        }),
      ),
    );
  });

  it('is signed with both secrets for 24 hours after one was rotated', async () => {
    await withWebhook(manager, {}, async ({ id, secret }, path) => {
      const rotated = webhookIn(await act(manager, `${WEBHOOKS}/${id}/rotate-secret`));
      bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
      const [during] = await arrived(path);
      expect(during.headers['webhook-signature'].split(' ')).toHaveLength(2);
      for (const each of [secret, rotated.secret]) expect(verify(each, during)).toEqual(during.body);
      await database.query(
        `UPDATE webhooks SET previous_until = previous_until - interval '24 hours' WHERE id = ${id}`,
      );
      bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
      const [, after] = await arrived(path, 2);
      expect(verify(rotated.secret, after)).toEqual(after.body);
      expect(() => verify(secret, after)).toThrow('No matching signature');
    });
  });

  it('of a test names the user who requested it, and also reaches a disabled webhook', async () => {
    await withWebhook(manager, { enabled: false }, async ({ id, secret }, path) => {
      await share(member, 'unseen');
      const reply = await act(manager, `${WEBHOOKS}/${id}/test`);
      const delivery = deliveryIn(reply);
      const [received] = await arrived(path);
      expect(verify(secret, received)).toEqual({
        type: 'webhook.test',
        timestamp: expect.any(String),
        data: {
          project_id: DEMO,
          actor: testId('user manager'),
          request_id: reply.headers['x-openstack-request-id'],
        },
      });
      expect(received.headers['webhook-id']).toBe(delivery.event_id);
      expect(receiver.at(path)).toHaveLength(1);
    });
  });
});

describe('a delivery that fails', () => {
  const SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

  it('is repeated after 5 seconds, 5 minutes and so on, and is given up in the end', async () => {
    const answer = { status: 500 };
    await withWebhook(
      manager,
      {},
      async ({ id, secret }, path) => {
        bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
        for (const [index, seconds] of SCHEDULE.entries()) {
          const { state, next_attempt_at } = await attempted(manager, id, index + 1).then(() =>
            until(
              async () => {
                const [delivery] = await deliveriesOf(manager, id);
                const waits = Date.parse(`${delivery.next_attempt_at}Z`) - receiver.at(path)[index].at > seconds * 900;
                return waits ? delivery : undefined;
              },
              `attempt ${index + 1} is recorded`,
            ),
          );
          const inSeconds = (Date.parse(`${next_attempt_at}Z`) - Date.now()) / 1000;
          expect([state, inSeconds <= seconds * 1.1]).toEqual(['pending', true]);
          await passTime();
        }
        const last = await until(
          async () => (await deliveriesOf(manager, id)).find(({ state }) => state === 'failed'),
          'it is given up',
        );
        expect(last).toMatchObject({ attempts: 10, status: 500, next_attempt_at: null });
        const attempts = receiver.at(path);
        expect(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
        for (const each of attempts) expect(verify(secret, each)).toEqual(attempts[0].body);
        receiver.responses.delete(path);
        const reply = await act(manager, `${WEBHOOKS}/${id}/deliveries/${last.id}/retry`);
        expect(deliveryIn(reply)).toMatchObject({ state: 'pending', attempts: 0 });
        await until(async () => (await deliveriesOf(manager, id))[0].state === 'delivered', 'it is delivered by hand');
        expect((await act(manager, `${WEBHOOKS}/${id}/deliveries/99999999/retry`)).status).toBe(404);
      },
      answer,
    );
  });

  it('holds back later ones of the same owner, and none of another', async () => {
    await withWebhook(
      admin,
      { types: ['keypair.imported'] },
      async ({ id }, path) => {
        await importKey(member, 'first');
        await attempted(admin, id);
        await importKey(member, 'second');
        await importKey(manager, 'other');
        await arrived(path, 2);
        const names = (): unknown[] => receiver.at(path).map(({ body }) => body.data.name);
        expect(names()).toEqual(['first', 'other']);
        receiver.responses.delete(path);
        await passTime();
        await arrived(path, 5);
        const ofMember = receiver.at(path).filter(({ body }) => body.data.user_id === testId('user member'));
        expect(ofMember.map(({ body }) => body.data.name)).toEqual(['first', 'first', 'second']);
      },
      { status: 503 },
    );
  });

  it('does not follow a redirect', async () => {
    await withWebhook(
      manager,
      {},
      async ({ id }) => {
        bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
        expect(await attempted(manager, id)).toMatchObject({ state: 'pending', status: 302 });
        expect(receiver.at('/redirected')).toEqual([]);
      },
      { status: 302, headers: { Location: '/redirected' } },
    );
  });

  it('waits for as long as Retry-After states, and at most a day', async () => {
    for (const [text, seconds] of [
      ['600', 600],
      [new Date(Date.now() + 3_600_000).toUTCString(), 3600],
      ['99999999', 86_400],
      ['soon', 5],
    ] as const)
      await withWebhook(
        manager,
        {},
        async ({ id }, path) => {
          bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
          const { next_attempt_at } = await attempted(manager, id);
          const next = Date.parse(`${next_attempt_at}Z`);
          // An HTTP date has no fractions of a second.
          const longest = (next - receiver.at(path)[0].at) / 1000;
          const shortest = (next - Date.now()) / 1000;
          expect([text, longest > seconds * 0.9 - 2, shortest <= seconds * 1.1]).toEqual([text, true, true]);
        },
        { status: 429, headers: { 'Retry-After': text } },
      );
  });

  it('disables the webhook if the answer is 410, and drops waiting deliveries', async () => {
    await withWebhook(
      manager,
      {},
      async ({ id }) => {
        bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
        await until(async () => !webhookIn(await manager.get(`${WEBHOOKS}/${id}`)).enabled, 'it is disabled');
        expect((await deliveriesOf(manager, id))[0]).toMatchObject({ state: 'failed', status: 410 });
        const disabled = { action: 'webhook.disable', name: String(id), reason: 'the receiver answered 410' };
        await until(() => audited.some(({ action }) => action === 'webhook.disable'), 'the audit records it');
        expect(audited.at(-1)).toEqual({ ...disabled, owner: `project:${DEMO}` });
      },
      { status: 410 },
    );
  });

  it('disables the webhook after five days of failure', async () => {
    await withWebhook(
      manager,
      {},
      async ({ id }) => {
        const path = `${WEBHOOKS}/${id}`;
        bodyOf(await act(manager, `${path}/test`), 202);
        await attempted(manager, id);
        const failing = webhookIn(await manager.get(path));
        expect([failing.enabled, failing.failing_since]).toEqual([true, expect.any(String)]);
        await database.query(
          `UPDATE webhooks SET failing_since = failing_since - interval '121 hours' WHERE id = ${id}`,
        );
        await passTime();
        await until(async () => !webhookIn(await manager.get(path)).enabled, 'it is disabled');
        const enabled = webhookIn(await patch(manager, path, { enabled: true }));
        expect([enabled.enabled, enabled.failing_since]).toEqual([true, null]);
      },
      { status: 500 },
    );
  });

  it('reports why there was no answer, and no content of the receiver', async () => {
    const closed = await WebhookReceiver.start();
    const url = closed.url('/closed');
    closed.stop();
    for (const [target, failure] of [
      [url, /^ECONNREFUSED$/],
      [`https://127.0.0.1:${receiver.port}/tls`, /^ERR_SSL|^EPROTO$/],
    ] as const) {
      const { id } = webhookIn(await create(manager, { url: target }), 201);
      bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
      const delivery = await attempted(manager, id);
      expect(delivery).toMatchObject({ status: null, failure: expect.stringMatching(failure) });
      bodyOf(await manager.delete(`${WEBHOOKS}/${id}`), 204);
    }
  });
});

describe('events are written for webhooks', () => {
  const consumers = (): Promise<object[]> =>
    database.query<object[]>(`SELECT name FROM event_consumers WHERE name = 'webhooks'`);

  it('only while one is enabled', async () => {
    expect(await consumers()).toEqual([]);
    const [one, other] = [webhookIn(await create(manager, {}), 201), webhookIn(await create(manager, {}), 201)];
    expect(await consumers()).toHaveLength(1);
    await patch(manager, `${WEBHOOKS}/${one.id}`, { enabled: false });
    expect(await consumers()).toHaveLength(1);
    await manager.delete(`${WEBHOOKS}/${other.id}`);
    expect(await consumers()).toEqual([]);
    await patch(manager, `${WEBHOOKS}/${one.id}`, { enabled: true });
    expect(await consumers()).toHaveLength(1);
    await manager.delete(`${WEBHOOKS}/${one.id}`);
    expect(await consumers()).toEqual([]);
  });

  it('while one is enabled at the moment when the last other one is disabled', async () => {
    const [one, other] = [webhookIn(await create(manager, {}), 201), webhookIn(await create(manager, {}), 201)];
    await patch(manager, `${WEBHOOKS}/${other.id}`, { enabled: false });
    for (let round = 0; round < 20; round += 1) {
      const [next, last] = round % 2 === 0 ? [other, one] : [one, other];
      await Promise.all([
        patch(manager, `${WEBHOOKS}/${last.id}`, { enabled: false }),
        patch(manager, `${WEBHOOKS}/${next.id}`, { enabled: true }),
      ]);
      expect(await consumers()).toHaveLength(1);
    }
    for (const { id } of [one, other]) await manager.delete(`${WEBHOOKS}/${id}`);
    expect(await consumers()).toEqual([]);
  });

  it('and what was delivered is deleted after EVENTS_KEEP', async () => {
    await withWebhook(manager, {}, async ({ id }, path) => {
      for (const _ of [1, 2]) bodyOf(await act(manager, `${WEBHOOKS}/${id}/test`), 202);
      await arrived(path, 2);
      await until(
        async () => (await deliveriesOf(manager, id)).every(({ state }) => state === 'delivered'),
        'both end',
      );
      const [newest] = await deliveriesOf(manager, id);
      await database.query(
        `UPDATE webhook_deliveries SET created_at = created_at - interval '8 days' WHERE id <> ${newest.id}`,
      );
      await service.app.get(WebhooksService).trim();
      expect((await deliveriesOf(manager, id)).map((each) => each.id)).toEqual([newest.id]);
    });
  });
});
