import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client, Reply } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';

// A busy machine takes its time to start an application.
let service: StartedApp;

beforeAll(async () => {
  service = await startApp({ GUEST_QUOTA: '3' });
});
afterAll(async () => service?.stop());

const create = (client: Client, more: object = {}): Promise<Reply> =>
  client.post('/v1/guests', { guest: { name: 'web', ...more } });
const statuses = (replies: readonly Reply[]): number[] => replies.map(({ status }) => status).toSorted((a, b) => a - b);
const idOf = ({ body }: Reply): string => (body as { guest: { id: string } }).guest.id;

it('lets a project have as many guests as GUEST_QUOTA, however many are registered at the same time', async () => {
  const members = ['alice', 'bob'].map((user) => service.as(user, 'blue'));
  const replies = await Promise.all(Array.from({ length: 10 }, (_, at) => create(members[at % 2])));
  expect(statuses(replies)).toEqual([201, 201, 201, ...Array<number>(7).fill(403)]);
  expect(replies.find(({ status }) => status === 403)!.body).toEqual({
    forbidden: {
      code: 403,
      message:
        'Project blue has reached its limit of 3 guests. ' +
        'Delete guests that are gone, or ask the operator to raise GUEST_QUOTA.',
    },
  });
  expect((await create(service.as('alice', 'red'))).status).toBe(201);
});

it('counts a guest that an administrator registers for a project, and no longer counts a deleted one', async () => {
  const admin = service.as('admin', 'ops');
  const replies = [];
  for (let count = 0; count < 4; count += 1)
    replies.push(await create(admin, { user_id: 'carol', project_id: 'green' }));
  expect(statuses(replies)).toEqual([201, 201, 201, 403]);
  expect((await create(service.as('carol', 'green'))).status).toBe(403);
  await admin.delete(`/v1/guests/${idOf(replies[0])}`);
  // A registration that fails for another reason takes no place.
  expect((await create(service.as('carol', 'green'), { id: idOf(replies[1]) })).status).toBe(409);
  expect((await create(service.as('carol', 'green'))).status).toBe(201);
});

it.each([
  ['0', 403],
  ['-1', 201],
])('with GUEST_QUOTA=%s answers %i', async (limit, status) => {
  const limited = await startApp({ GUEST_QUOTA: limit });
  try {
    expect((await create(limited.as('alice', 'blue'))).status).toBe(status);
    expect((await create(limited.as('alice', 'blue'))).status).toBe(status);
  } finally {
    await limited.stop();
  }
});
