import type { KeypairType } from '../../domain/keypair-type.js';
import type { Compute } from '../cloud/compute.js';
import { pathSegment } from '../cloud/latchkey-api.js';

/** A keypair in responses; its fields depend on the route and the microversion. */
export interface Keypair {
  readonly name: string;
  readonly type?: string;
  readonly fingerprint: string;
  readonly public_key: string;
  readonly user_id?: string;
  readonly created_at?: string;
}

export interface NewKeypair {
  readonly name: string;
  readonly type: KeypairType;
  readonly publicKey: string;
}

/** The requested part of a list. */
export interface ListWish {
  readonly limit?: string;
  readonly marker?: string;
  /** Follow the pages to the last. */
  readonly allPages?: boolean;
  /** Omits those of the project, which cannot be deleted by name here. */
  readonly ownOnly?: boolean;
  /** Called with the number of keypairs received so far. */
  readonly onPage?: (count: number) => void;
}

export interface KeypairList {
  readonly keypairs: readonly Keypair[];
  /** Whether the service has more. */
  readonly more: boolean;
}

interface Page {
  readonly keypairs: readonly { readonly keypair: Keypair }[];
  readonly keypairs_links?: readonly unknown[];
}

/** Where keypairs are registered. */
export type KeypairStore = Pick<Keypairs, 'create' | 'show' | 'delete' | 'list'>;

/** The keypairs of the caller, or of the user that an administrator names. */
export class Keypairs {
  constructor(
    private readonly compute: Compute,
    private readonly userId?: string,
  ) {
    if (userId !== undefined) compute.require('2.10', 'Naming a user');
  }

  async create({ name, type, publicKey }: NewKeypair): Promise<Keypair> {
    const keypair = {
      name,
      public_key: publicKey,
      ...(this.compute.speaks('2.2') && { type }),
      ...(this.userId !== undefined && { user_id: this.userId }),
    };
    const request = { method: 'POST', path: '/os-keypairs', body: { keypair }, what: `Creating ${name}` } as const;
    return ((await this.compute.request(request)) as { keypair: Keypair }).keypair;
  }

  async show(name: string): Promise<Keypair> {
    const answer = await this.compute.request({ ...this.item('GET', name), what: `Showing ${name}` });
    return (answer as { keypair: Keypair }).keypair;
  }

  async delete(name: string): Promise<void> {
    await this.compute.request({ ...this.item('DELETE', name), what: `Deleting ${name}` });
  }

  async list({ limit, marker, allPages = false, ownOnly = false, onPage }: ListWish = {}): Promise<KeypairList> {
    if (limit !== undefined || marker !== undefined) this.compute.require('2.35', 'Listing a part');
    const keypairs: Keypair[] = [];
    const { userId = ownOnly && this.compute.speaks('2.10') ? this.compute.access.userId : undefined } = this;
    let after = marker;
    for (;;) {
      const query = { limit, marker: after, user_id: userId };
      const page = (await this.compute.request({
        method: 'GET',
        path: '/os-keypairs',
        query,
        what: 'Listing keypairs',
      })) as Page;
      keypairs.push(...page.keypairs.map(({ keypair }) => keypair));
      const last = keypairs.at(-1)?.name;
      // A service that repeats a page has no further ones.
      const more = page.keypairs_links !== undefined && page.keypairs.length > 0 && last !== after;
      if (!more || !allPages) return { keypairs, more };
      onPage?.(keypairs.length);
      after = last;
    }
  }

  private item<M extends 'GET' | 'DELETE'>(method: M, name: string) {
    return { method, path: `/os-keypairs/${pathSegment(name)}`, query: { user_id: this.userId } };
  }
}
