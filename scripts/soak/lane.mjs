// One client among many: it sends one request after another and knows, after each answer, what must be stored.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** How often each kind of request is sent. */
const MIX = {
  show: 30,
  list: 10,
  page: 4,
  importKey: 14,
  remove: 12,
  refusedKey: 8,
  bad: 8,
  limits: 3,
  metadata: 12,
  registerGuest: 2,
  removeGuest: 2,
  generate: 0.4,
  logInAndOut: 0.2,
};
/** The most keypairs and guests of a lane, so that neither the database nor the answers grow. */
const MAX_KEYPAIRS = 30;
const MAX_GUESTS = 5;
/** How many deleted names and tokens are remembered. */
const MAX_GONE = 500;
const VERSIONS = ['2.1', '2.2', '2.10', '2.35', '2.75', '2.92', 'latest'];
const META_DATA = '/openstack/latest/meta_data.json';
const METADATA = [
  META_DATA,
  '/openstack/latest/user_data',
  '/openstack/latest/vendor_data.json',
  '/2009-04-04/meta-data/instance-id',
];

const isNewer = (version, than) => version === 'latest' || Number(version.slice(2)) >= than;

export class Lane {
  /** What must be there: name to public key, and guests by id. */
  keypairs = new Map();
  guests = new Map();
  /** What was deleted with an acknowledgement, and revoked. */
  gone = new Set();
  revoked = new Set();
  #names = 0;

  /**
   * `user` owns the token that is sent. `ownerId` is the user whose keypairs they are: another one where an administrator
   * works for a user. `tally` receives each answer.
   */
  constructor({ name, service, user, ownerId, keys, random, tally }) {
    Object.assign(this, { name, service, user, ownerId, keys, random, tally });
    this.actsForOther = ownerId !== user.id;
  }

  /** Runs until `isOver()`, with pauses of `pause` milliseconds on average, many of them as short as those of impatient people. */
  async run(pause, isOver) {
    while (!isOver()) {
      await this[this.random.weighted(MIX)]();
      await sleep(-Math.log(1 - this.random.next()) * pause);
    }
  }

  async show() {
    const isThere = this.random.below(5) > 0;
    const name = this.random.pick([...(isThere ? this.keypairs.keys() : this.gone)]);
    if (name === undefined) return;
    const reply = await this.ask(
      'show',
      'GET',
      this.path(`/${name}`),
      { version: this.version() },
      isThere ? 200 : 404,
    );
    if (reply?.status !== 200) return;
    const stored = reply.json.keypair.public_key;
    if (stored !== this.keypairs.get(name)) this.tally.wrong(`show ${name}: another key than was stored`);
  }

  /** The whole list: everything that must be there, and nothing that was deleted. */
  async list() {
    const reply = await this.ask('list', 'GET', this.path(''), { version: this.oldVersion() }, 200);
    if (reply?.status !== 200) return;
    const names = new Set(reply.json.keypairs.map(({ keypair }) => keypair.name));
    for (const name of this.keypairs.keys()) if (!names.has(name)) this.tally.wrong(`list: ${name} is lost`);
    for (const name of this.gone) if (names.has(name)) this.tally.wrong(`list: ${name} is back`);
  }

  async page() {
    // Lanes that share an owner delete each other's markers.
    if (!this.actsForOther) return;
    const limit = 1 + this.random.below(10);
    const first = await this.ask('page', 'GET', this.path('', { limit }), { version: '2.92' }, 200);
    const last = first?.json?.keypairs?.at(-1)?.keypair.name;
    if (last === undefined) return;
    await this.ask('page', 'GET', this.path('', { limit, marker: last }), { version: '2.92' }, 200);
  }

  async importKey() {
    if (this.keypairs.size >= MAX_KEYPAIRS) return this.remove();
    const version = this.version();
    const offered = isNewer(version, 2) ? this.keys.taken : this.keys.taken.filter(({ type }) => type === 'ssh');
    const { type, publicKey } = this.random.pick(offered);
    const name = this.newName();
    const body = this.body({ name, public_key: publicKey, ...(isNewer(version, 2) && { type }) });
    const expected = isNewer(version, 2) ? 201 : 200;
    const reply = await this.ask('import', 'POST', '/v2.1/os-keypairs', { version, body }, expected);
    if (reply?.status === expected) this.stored(name, publicKey);
  }

  async generate() {
    if (this.keypairs.size >= MAX_KEYPAIRS) return this.remove();
    const version = this.actsForOther ? '2.10' : this.random.pick(['2.2', '2.10', '2.75']);
    const name = this.newName();
    const body = this.body({ name, type: this.random.pick(['ssh', 'x509']) });
    const reply = await this.ask('generate', 'POST', '/v2.1/os-keypairs', { version, body }, 201);
    if (reply?.status !== 201) return;
    const { public_key: publicKey, private_key: privateKey } = reply.json.keypair;
    if (!privateKey) this.tally.wrong(`generate ${name}: no private key`);
    this.stored(name, publicKey);
  }

  async remove() {
    const name = this.random.pick([...this.keypairs.keys()]);
    if (name === undefined) return;
    const version = this.version();
    // Once it is sent, only an acknowledgement proves its outcome.
    this.keypairs.delete(name);
    const expected = isNewer(version, 2) ? 204 : 202;
    const reply = await this.ask('delete', 'DELETE', this.path(`/${name}`), { version }, expected);
    if (reply?.status === expected) remember(this.gone, name);
  }

  async refusedKey() {
    const taken = this.random.pick([...this.keypairs.keys()]);
    if (taken !== undefined && this.random.below(4) === 0) {
      const body = this.body({ name: taken, public_key: this.keys.taken[0].publicKey });
      await this.ask('duplicate', 'POST', '/v2.1/os-keypairs', { version: '2.10', body }, 409);
      return;
    }
    const { type, publicKey } = this.random.pick(this.keys.refused);
    const body = this.body({ name: this.newName(), type, public_key: publicKey });
    await this.ask('refused key', 'POST', '/v2.1/os-keypairs', { version: '2.10', body }, 400);
  }

  async bad() {
    const [status, method, path, options] = this.random.pick([
      [400, 'POST', '/v2.1/os-keypairs', { body: '{"keypair": {"name": ' }],
      [400, 'POST', '/v2.1/os-keypairs', { body: { keypair: { name: [], public_key: 5 } }, version: '2.92' }],
      [404, 'GET', '/v2.1/no-such-thing', {}],
      [404, 'GET', '/v2.1/os-keypairs/never-was', {}],
      [406, 'GET', '/v2.1/os-keypairs', { version: '2.9999' }],
      [400, 'GET', '/v2.1/os-keypairs', { version: 'two' }],
      [413, 'POST', '/v2.1/os-keypairs', { body: 'x'.repeat(120_000) }],
      [415, 'POST', '/v2.1/os-keypairs', { body: 'x', type: 'text/html' }],
      [401, 'GET', '/v2.1/os-keypairs', { token: 'no-such-token' }],
      [403, 'GET', '/v2.1/os-keypairs?user_id=another-user', { version: '2.10', token: this.service.users.demo.token }],
    ]);
    await this.ask(`bad (${status})`, method, path, options, status);
  }

  async limits() {
    await this.ask('limits', 'GET', '/v2.1/limits', {}, 200);
  }

  async registerGuest() {
    if (!this.actsForOther || this.guests.size >= MAX_GUESTS) return;
    const keyNames = [...this.keypairs.keys()].slice(0, 2);
    if (keyNames.length === 0) return;
    const id = randomUUID();
    const owner = { user_id: this.ownerId, project_id: 'soak' };
    const data = { user_data: 'IyEvYmluL3NoCg==', vendor_data: { soak: true } };
    const guest = { id, name: this.newName(), key_names: keyNames, ...data, ...owner };
    const reply = await this.ask('register guest', 'POST', '/v1/guests', { body: { guest } }, 201);
    if (reply?.status === 201) this.guests.set(id, { id, project: 'soak', keyNames });
  }

  async removeGuest() {
    const id = this.random.pick([...this.guests.keys()]);
    if (id === undefined || this.guests.size < 2) return;
    this.guests.delete(id);
    await this.ask('remove guest', 'DELETE', `/v1/guests/${id}`, {}, 204);
  }

  async metadata() {
    const guest = this.random.pick([...this.guests.values()]);
    if (guest === undefined) return;
    const path = this.random.pick(METADATA);
    const reply = await this.record('metadata', () => this.service.askMetadata(path, guest), 200);
    if (path !== META_DATA || reply?.status !== 200) return;
    const names = reply.json.keys?.map(({ name }) => name);
    if (reply.json.uuid !== guest.id || String(names) !== String(guest.keyNames)) {
      this.tally.wrong(`metadata of ${guest.id} is not its own: ${reply.text}`);
    }
  }

  async logInAndOut() {
    const { name } = this.user;
    const reply = await this.record('log in', () => this.service.logIn(this.user), 201);
    if (reply?.status !== 201) return;
    const token = reply.headers['x-subject-token'];
    await this.ask(`used by ${name}`, 'GET', '/v2.1/os-keypairs?limit=1', { token, version: '2.35' }, 200);
    const revoked = await this.record('revoke', () => this.revoke(token), 204);
    if (revoked?.status !== 204) return;
    remember(this.revoked, token);
    await this.ask('revoked token', 'GET', '/v2.1/os-keypairs', { token }, 401);
  }

  revoke(token) {
    const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token };
    return this.service.send(`${this.service.api}/identity/v3/auth/tokens`, 'DELETE', headers);
  }

  ask(what, method, path, options, expected) {
    return this.record(what, () => this.service.ask(method, path, { token: this.user.token, ...options }), expected);
  }

  /** Returns the answer after the tally has counted it; undefined where there was none. */
  async record(what, send, expected) {
    const began = performance.now();
    try {
      const reply = await send();
      this.tally.answered({ what, status: reply.status, expected, began, text: reply.text });
      return reply;
    } catch (error) {
      this.tally.wrong(`${what}: no answer (${error.code ?? error.message})`);
      return undefined;
    }
  }

  stored(name, publicKey) {
    this.keypairs.set(name, publicKey);
  }

  newName() {
    return `${this.name}-${(this.#names += 1)}`;
  }

  body(keypair) {
    return { keypair: { ...keypair, ...(this.actsForOther && { user_id: this.ownerId }) } };
  }

  path(rest, query = {}) {
    const owner = this.actsForOther ? { user_id: this.ownerId } : {};
    const search = new URLSearchParams({ ...query, ...owner }).toString();
    return `/v2.1/os-keypairs${rest}${search === '' ? '' : `?${search}`}`;
  }

  /** A microversion with what the lane needs: an administrator names another user from 2.10 on. */
  version() {
    return this.random.pick(this.actsForOther ? VERSIONS.slice(2) : VERSIONS);
  }

  /** A microversion whose lists have no pages. */
  oldVersion() {
    return this.actsForOther ? '2.10' : this.random.pick(['2.1', '2.2', '2.10']);
  }
}

function remember(set, value) {
  set.add(value);
  if (set.size > MAX_GONE) set.delete(set.values().next().value);
}
