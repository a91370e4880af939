import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';
import { until } from '../support/until.js';
import { RabbitMq } from './rabbitmq.js';

/** A notification as a listener of oslo.messaging receives it. */
interface Notification {
  readonly context: Readonly<Record<string, unknown>>;
  readonly publisher: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata: { readonly message_id: string; readonly timestamp: string };
}

/** Python's oslo.messaging, listening for Nova's notifications. */
class Listener {
  readonly received: Notification[] = [];
  private partialLine = '';

  private constructor(private readonly process: ChildProcess) {
    process.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.partialLine + text).split('\n');
      this.partialLine = lines.pop()!;
      this.isListening ||= lines.includes('listening');
      this.received.push(
        ...lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Notification),
      );
    });
  }

  isListening = false;

  static async started(url: string, isDurable: boolean): Promise<Listener> {
    const words = ['test/clients/oslo_listener.py', url, String(isDurable)];
    // The interpreter that Debian's packages are installed for.
    const listener = new Listener(spawn('/usr/bin/python3', words, { stdio: ['pipe', 'pipe', 'ignore'] }));
    await until(() => listener.isListening, 'oslo.messaging listens');
    return listener;
  }

  stop(): void {
    this.process.kill('SIGKILL');
  }
}

let rabbit: RabbitMq;
let stop: (() => Promise<void>) | undefined;
// Every client must declare a queue with the same options, so each test has a broker of its own.
beforeEach(async () => {
  rabbit = await RabbitMq.started();
});
afterEach(async () => {
  await stop?.();
  stop = undefined;
  await rabbit?.remove();
});

/** Starts a service that notifies, a listener, and a client for each user. */
async function start(settings: Record<string, string>) {
  const { dataDir, remove } = emptyDataDir();
  const service = await ServiceProcess.listening({ DATA_DIR: dataDir, NOTIFY_TRANSPORT_URL: rabbit.url, ...settings });
  let listener: Listener | undefined;
  stop = async (): Promise<void> => {
    listener?.stop();
    await service.stop();
    remove();
  };
  listener = await Listener.started(rabbit.url, settings.NOTIFY_DURABLE === 'true');
  const as = (user: string): Client => service.client.with({ 'X-Auth-Token': `${user}:blue` }).at('2.2');
  return { listener, as };
}

const NULL_UNTIL_KNOWN = { fingerprint: null, public_key: null };

describe('NOTIFICATION_FORMAT=both', () => {
  it("sends a listener of oslo.messaging what Nova's notifier sends, field by field and in its order", async () => {
    const { listener, as } = await start({ NOTIFICATION_FORMAT: 'both' });
    const alice = as('alice');
    const publicKey = sshKeygen();
    const made = await alice.post('/v2.1/os-keypairs', { keypair: { name: 'made' } });
    const imported = await alice.post('/v2.1/os-keypairs', { keypair: { name: 'mine', public_key: publicKey } });
    const refused = await alice.post('/v2.1/os-keypairs', { keypair: { name: 'mine', public_key: publicKey } });
    const deleted = await alice.delete('/v2.1/os-keypairs/mine');
    expect([made, imported, refused, deleted].map(({ status }) => status)).toEqual([201, 201, 409, 204]);
    await until(() => listener.received.length >= 12, 'all notifications are there');
    const keypairOf = (reply: { body: unknown }): Record<string, string> =>
      (reply.body as { keypair: Record<string, string> }).keypair;
    const version = (name: string, data: object): object => ({
      'nova_object.name': 'KeypairPayload',
      'nova_object.namespace': 'nova',
      'nova_object.version': '1.0',
      'nova_object.data': { user_id: 'alice', name, type: 'ssh', ...data },
    });
    const known = ({ fingerprint, public_key }: Record<string, string>): object => ({ fingerprint, public_key });
    const [first, second] = [keypairOf(made), keypairOf(imported)];
    const legacy = (name: string): object => ({ tenant_id: 'blue', user_id: 'alice', key_name: name });
    // A listener has a thread for each queue; within one the order is kept.
    const of = (publisher: string): unknown[] =>
      listener.received
        .filter((each) => each.publisher.startsWith(publisher))
        .map(({ event, payload }) => [event, payload]);
    expect(of('nova-api:')).toEqual([
      ['keypair.create.start', version('made', NULL_UNTIL_KNOWN)],
      ['keypair.create.end', version('made', known(first))],
      ['keypair.import.start', version('mine', { ...known(second), fingerprint: null })],
      ['keypair.import.end', version('mine', known(second))],
      ['keypair.delete.start', version('mine', known(second))],
      ['keypair.delete.end', version('mine', known(second))],
    ]);
    expect(of('api.')).toEqual([
      ['keypair.create.start', legacy('made')],
      ['keypair.create.end', legacy('made')],
      ['keypair.import.start', legacy('mine')],
      ['keypair.import.end', legacy('mine')],
      ['keypair.delete.start', legacy('mine')],
      ['keypair.delete.end', legacy('mine')],
    ]);
    const [{ context, metadata }] = listener.received;
    expect(metadata).toEqual({
      message_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/),
    });
    // As the notifier of Nova 26.2.2 sent it; the listener adds client_timeout.
    const sent = Object.keys(context).filter((name) => name !== 'client_timeout');
    expect(sent.toSorted()).toEqual(
      `auth_token domain global_request_id is_admin is_admin_project project project_domain project_id project_name
       quota_class read_deleted read_only remote_address request_id resource_uuid roles service_catalog show_deleted
       system_scope timestamp user user_domain user_id user_identity user_name`.split(/\s+/),
    );
    expect(context).toMatchObject({ user_id: 'alice', project_id: 'blue', auth_token: null, read_deleted: 'no' });
    expect(context.request_id).toBe(made.headers['x-openstack-request-id']);
  });
});

describe('a broker that is killed and started again under load', () => {
  it('gets every change, and those of one user in order', async () => {
    const { listener, as } = await start({ NOTIFICATION_FORMAT: 'unversioned', NOTIFY_DURABLE: 'true' });
    const publicKey = sshKeygen();
    const users = ['ann', 'ben', 'cem', 'dua'];
    const made = new Map(users.map((user) => [user, [] as string[]]));
    const load = users.map(async (user) => {
      for (let count = 0; count < 90; count += 1) {
        const name = `key-${count}`;
        const { status } = await as(user).post('/v2.1/os-keypairs', { keypair: { name, public_key: publicKey } });
        if (status === 201) made.get(user)!.push(name);
      }
    });
    const enough =
      (count: number): (() => boolean) =>
      () =>
        [...made.values()].flat().length >= count;
    await until(enough(60), 'some keypairs are made');
    await rabbit.kill();
    await until(enough(150), 'more are made while the broker is away');
    await rabbit.start();
    await Promise.all(load);

    const total = [...made.values()].flat().length;
    const ends = (): Notification[] => {
      const seen = new Set<string>();
      // A message whose confirmation was lost comes again, with the same id.
      return listener.received.filter(({ event, metadata }) => {
        if (!event.endsWith('.end') || seen.has(metadata.message_id)) return false;
        seen.add(metadata.message_id);
        return true;
      });
    };
    await until(() => ends().length >= total, `the listener knows of ${total} keypairs`, { timeoutMs: 180_000 });
    for (const [user, names] of made) {
      const received = ends().filter(({ payload }) => payload.user_id === user);
      expect(received.map(({ payload }) => payload.key_name)).toEqual(names);
    }
  });
});
