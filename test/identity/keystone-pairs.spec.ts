import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { idOf } from '../../src/identity/builtin/directory/directory.js';
import { keystonePairs, type PairTarget, replayPair } from '../support/keystone-pairs.js';
import { logIn } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, temporaryDirectory, testId, type TestUser } from './identity-yaml.js';

const PASSWORD = 'a password';
const NAMES = {
  user: ['admin', 'demo'],
  project: ['admin', 'demo', 'other'],
};

interface Lists {
  readonly roles?: readonly { readonly name: string }[];
  readonly role_inferences?: readonly { readonly prior_role: { readonly name: string } }[];
}

/** Newer Keystones than the recorded one also have the role manager. */
function withoutManager({ status, body }: { status: number; body: unknown }): object {
  const { roles, role_inferences: inferences } = body as Lists;
  return {
    status,
    body: {
      ...(body as object),
      ...(roles && { roles: roles.filter(({ name }) => name !== 'manager') }),
      ...(inferences && { role_inferences: inferences.filter((each) => each.prior_role.name !== 'manager') }),
    },
  };
}

describe('the built-in identity answers like the recorded Keystone', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;
  let target: PairTarget;

  beforeAll(async () => {
    const users: readonly TestUser[] = [
      { name: 'admin', roles: { admin: ['admin'] }, system_roles: ['admin'] },
      { name: 'demo', roles: { demo: ['member'] } },
    ];
    service = await startApp({
      AUTH_MODE: 'builtin',
      IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(NAMES.project, users, PASSWORD)),
    });
    const as = async (name: string) =>
      service.client.with({
        'X-Auth-Token': await logIn(service.client, '/identity/v3', { name, password: PASSWORD }, { project: name }),
      });
    const base = `http://${service.client.host}`;
    const ids = [
      ...Object.entries(NAMES).flatMap(([kind, names]) =>
        names.map((name) => [`${kind}_id:${name}`, testId(`${kind} ${name}`)]),
      ),
      ...['admin', 'member', 'reader'].map((name) => [`role_id:${name}`, idOf('role', name)]),
      ...Object.entries({ nova: 'compute', keystone: 'identity' }).flatMap(([name, type]) => [
        [`service_id:${name}`, idOf('service', type)],
        ...['public', 'internal', 'admin'].map((face) => [
          `endpoint_id:${name} ${face}`,
          idOf('endpoint', `${type} ${face}`),
        ]),
      ]),
    ];
    target = {
      path: '/identity/v3',
      clients: { admin: await as('admin'), demo: await as('demo'), none: service.client },
      known: {
        ...(Object.fromEntries(ids) as Record<string, string>),
        identity: `${base}/identity/v3`,
        identity_url: `${base}/identity`,
        compute: `${base}/v2.1`,
        // Keystone sets a description on the project that its bootstrap creates.
        'description:admin': '',
      },
    };
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  it.each(keystonePairs('reads').map((pair) => [pair.actor, pair.request, pair] as const))(
    'to %s, GET %s',
    async (_actor, _request, pair) => {
      const { answer, recorded } = await replayPair(target, pair);
      expect(withoutManager(answer)).toEqual(recorded);
    },
  );
});
