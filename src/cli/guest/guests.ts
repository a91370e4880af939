import type { Compute } from '../cloud/compute.js';
import { findUser } from '../cloud/find-user.js';
import type { Http } from '../cloud/http.js';
import type { HttpAnswer } from '../../http/client/http-client.js';
import { LatchkeyApi, type Page } from '../cloud/latchkey-api.js';
import { withCompute } from '../cloud/open-compute.js';
import { CliError, EXIT, UsageError } from '../cli-error.js';
import type { OptionsOf } from '../global-options.js';

/** A guest in responses of the API. */
export interface Guest {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly addresses: readonly string[];
  readonly key_names: readonly string[];
  readonly [field: string]: unknown;
}

export interface GuestListWish {
  readonly limit?: string;
  readonly marker?: string;
  readonly allPages?: boolean;
  readonly allUsers?: boolean;
  readonly address?: string;
  readonly keypair?: string;
}

/** What a drive is made for. */
export interface DriveChoice {
  readonly source?: string | undefined;
  readonly filesystem?: string | undefined;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The guest registry of a Latchkey, which stands beside its compute service. */
export class Guests {
  private readonly api: LatchkeyApi;

  constructor(
    compute: Compute,
    http: Http,
    private readonly userId?: string,
  ) {
    this.api = new LatchkeyApi(compute, http, 'guests');
  }

  async create(guest: object): Promise<Guest> {
    const owner = this.userId === undefined ? {} : { user_id: this.userId };
    const body = { guest: { ...guest, ...owner } };
    return guestIn(await this.api.send({ method: 'POST', body, what: 'Creating the guest' }));
  }

  async show(id: string): Promise<Guest> {
    return guestIn(await this.api.send({ method: 'GET', path: `/${id}`, what: `Showing the guest ${id}` }));
  }

  async change(id: string, guest: object): Promise<Guest> {
    const what = `Changing the guest ${id}`;
    return guestIn(await this.api.send({ method: 'PATCH', path: `/${id}`, body: { guest }, what }));
  }

  async delete(id: string): Promise<void> {
    await this.api.send({ method: 'DELETE', path: `/${id}`, what: `Deleting the guest ${id}` });
  }

  /** The config drive: an image, or the same tree as a tar archive; `source` is the agent's. */
  async configDrive(id: string, form: 'image' | 'tar', { source, filesystem }: DriveChoice = {}): Promise<Buffer> {
    const accept = form === 'tar' ? 'application/x-tar' : 'application/octet-stream';
    const answer = await this.api.send({
      method: 'GET',
      path: `/${id}/config-drive`,
      query: { source, filesystem },
      headers: { Accept: accept },
      what: `Making the config drive of ${id}`,
    });
    return answer.bytes;
  }

  /** The encrypted password that the guest has set, in base64; empty if none. */
  async password(id: string): Promise<string> {
    const what = `Reading the password of ${id}`;
    const { json } = await this.api.send({ method: 'GET', path: `/${id}/password`, what });
    return (json as { password: string }).password;
  }

  /** The lines of a known_hosts file for the guests that reported their host keys. */
  async *knownHosts(): AsyncGenerator<string, void> {
    let marker: string | undefined;
    do {
      const what = 'Listing the host keys';
      const answer = await this.api.send({ method: 'GET', path: '/known-hosts', query: { marker }, what });
      yield answer.bytes.toString();
      const [, next] = /^<([^>]+)>/.exec(String(answer.headers.link ?? '')) ?? [];
      marker = next === undefined ? undefined : (new URL(next).searchParams.get('marker') ?? undefined);
    } while (marker !== undefined);
  }

  /** Lets the guest report its host keys once more. */
  async forgetHostKeys(id: string): Promise<void> {
    await this.api.send({ method: 'DELETE', path: `/${id}/host-keys`, what: `Forgetting the host keys of ${id}` });
  }

  /** A new token for NoCloud, which ends the former one. */
  async createNoCloudToken(id: string): Promise<string> {
    const what = `Making a token for the guest ${id}`;
    const answer = await this.api.send({ method: 'POST', path: `/${id}/nocloud-token`, what });
    return (answer.json as { nocloud_token: string }).nocloud_token;
  }

  async revokeNoCloudToken(id: string): Promise<void> {
    await this.api.send({ method: 'DELETE', path: `/${id}/nocloud-token`, what: `Revoking the token of ${id}` });
  }

  list(wish: GuestListWish): Promise<Page<Guest>> {
    const { limit, marker, allPages = false, allUsers, address, keypair } = wish;
    const query = {
      limit,
      marker,
      user_id: this.userId,
      all_users: allUsers ? 'true' : undefined,
      address,
      key_name: keypair,
    };
    return this.api.list('guests', { query, what: 'Listing guests' }, allPages);
  }

  /** The id of a guest named by id or by name. Throws CliError if the user has none of that name, or several. */
  async idOf(text: string): Promise<string> {
    if (UUID.test(text)) {
      const id = text.toLowerCase();
      if (this.userId === undefined || (await this.show(id)).user_id === this.userId) return id;
      throw new CliError(`The user has no guest ${text}.`, EXIT.notFound);
    }
    const { items } = await this.list({ allPages: true });
    const [found, ...others] = items.filter(({ name }) => name === text);
    if (found === undefined) throw new CliError(`There is no guest ${text}.`, EXIT.notFound);
    if (others.length === 0) return found.id;
    throw new UsageError(`${others.length + 1} guests are called ${text}; name one by its id.`);
  }
}

function guestIn({ json }: HttpAnswer): Guest {
  return (json as { guest: Guest }).guest;
}

/** Calls `use` with the guests of the caller, or of the user that the options name. */
export function withGuests<T>(
  options: OptionsOf<{ readonly user?: string }>,
  use: (guests: Guests) => Promise<T>,
): Promise<T> {
  return withCompute(options, async (compute, http) => {
    const userId = options.user === undefined ? undefined : await findUser(options.user, compute.access, http);
    return use(new Guests(compute, http, userId));
  });
}

/** The same for one of them, by id or name. */
export function withGuest<T>(
  text: string,
  options: OptionsOf<{ readonly user?: string }>,
  use: (guests: Guests, id: string) => Promise<T>,
): Promise<T> {
  return withGuests(options, async (guests) => use(guests, await guests.idOf(text)));
}

const BLOCK = 512;

/** The content of a file in a tar archive (POSIX ustar), by its path; undefined where it is not there. */
export function fileInTar(archive: Buffer, path: string): Buffer | undefined {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const name = textAt(archive, at, 100);
    const size = Number.parseInt(textAt(archive, at + 124, 12), 8) || 0;
    if (name === '') return undefined;
    if (name.replace(/^\.?\//, '') === path) return archive.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function textAt(archive: Buffer, at: number, length: number): string {
  return archive.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}
