import type { HttpAnswer } from '../../../http/client/http-client.js';
import type { KeypairType } from '../../../domain/keypair-type.js';
import type { Compute } from '../../cloud/compute.js';
import type { Http } from '../../cloud/http.js';
import { LatchkeyApi, type LatchkeyRequest, type Page, pathSegment, type Query } from '../../cloud/latchkey-api.js';
import type { KeypairList, KeypairStore, ListWish, NewKeypair } from '../keypairs.js';

/** A keypair in responses of /v1/keypairs. */
export interface KeypairRecord {
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly fingerprints: { readonly sha256?: string };
  readonly user_id: string;
  readonly version: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Absent in lists. */
  readonly public_key: string;
  readonly [field: string]: unknown;
}

/** What is set on a keypair; null removes it. */
export interface RecordChange {
  readonly expires_at?: string | null;
  readonly tags?: Readonly<Record<string, string>> | null;
  readonly note?: string | null;
  readonly delete_protected?: boolean;
}

/** A keypair as it shall be. */
export interface RecordOrder extends RecordChange {
  readonly public_key: string;
  readonly type?: KeypairType;
}

/** The state that a change requires: a version, or `*` for any. */
export interface ApplyConditions {
  readonly version?: number | '*';
  /** How long the replaced key stays valid, such as `24h`. */
  readonly overlap?: string;
}

/** The project that gets a keypair; with `move` the own one is deleted. */
export interface ShareOrder {
  readonly project_id: string;
  readonly name?: string;
  readonly move?: boolean;
}

/** Which keypairs are pruned; `dry_run` only lists them. */
export interface PruneOrder {
  readonly name_prefix?: string;
  readonly older_than?: string;
  readonly unused_for?: string;
  readonly expired?: boolean;
  readonly dry_run: boolean;
}

/** What one prune did, to at most 1000 keypairs. */
export interface Pruned {
  readonly deleted: readonly { readonly name: string }[];
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
}

/** The keypairs of a Latchkey with their life: of the caller, of the user that an administrator names, or of a project. */
export class KeypairRecords implements KeypairStore {
  private readonly api: LatchkeyApi;
  private readonly prunes: LatchkeyApi;

  constructor(
    compute: Compute,
    http: Http,
    private readonly userId?: string,
    projectId?: string,
  ) {
    const owner = projectId === undefined ? '' : `projects/${pathSegment(projectId)}/`;
    this.api = new LatchkeyApi(compute, http, `${owner}keypairs`);
    this.prunes = new LatchkeyApi(compute, http, `${owner}keypair-prunes`);
  }

  /** Registers a key, unless the keypair has another one. */
  create({ name, type, publicKey }: NewKeypair): Promise<KeypairRecord> {
    return this.apply(name, { public_key: publicKey, type });
  }

  async delete(name: string): Promise<void> {
    await this.api.send({ ...this.item('DELETE', name), what: `Deleting ${name}` });
  }

  async list({ limit, marker, allPages = false, onPage }: ListWish = {}): Promise<KeypairList> {
    const keypairs: KeypairRecord[] = [];
    for await (const { items, more } of this.pages({ limit, marker })) {
      keypairs.push(...items);
      if (!allPages) return { keypairs, more };
      if (more) onPage?.(keypairs.length);
    }
    return { keypairs, more: false };
  }

  /** Copies or moves it to a project. */
  async share(name: string, share: ShareOrder): Promise<KeypairRecord> {
    const { path, query } = this.item('POST', name);
    const what = `Sharing ${name}`;
    return recordIn(await this.api.send({ method: 'POST', path: `${path}/share`, query, body: { share }, what }));
  }

  async show(name: string): Promise<KeypairRecord> {
    return recordIn(await this.api.send({ ...this.item('GET', name), what: `Showing ${name}` }));
  }

  async apply(name: string, order: RecordOrder, { version, overlap }: ApplyConditions = {}): Promise<KeypairRecord> {
    const item = this.item('PUT', name);
    const query = { ...item.query, overlap };
    const request = { ...item, query, headers: ifMatch(version), body: { keypair: order }, what: `Applying ${name}` };
    return recordIn(await this.api.send(request));
  }

  async change(name: string, change: RecordChange, version?: number): Promise<KeypairRecord> {
    const body = { keypair: change };
    const request = { ...this.item('PATCH', name), headers: ifMatch(version), body, what: `Changing ${name}` };
    return recordIn(await this.api.send(request));
  }

  /** The pages of a search. */
  pages(search: Query): AsyncGenerator<Page<KeypairRecord>, void> {
    return this.api.pages('keypairs', { query: { user_id: this.userId, ...search }, what: 'Searching keypairs' });
  }

  async prune(prune: PruneOrder): Promise<Pruned> {
    const query = { user_id: this.userId };
    const answer = await this.prunes.send({ method: 'POST', query, body: { prune }, what: 'Pruning keypairs' });
    return (answer.json as { prune: Pruned }).prune;
  }

  private item<M extends LatchkeyRequest['method']>(method: M, name: string) {
    return { method, path: `/${pathSegment(name)}`, query: { user_id: this.userId } };
  }
}

function ifMatch(version: number | '*' | undefined): Readonly<Record<string, string>> {
  if (version === undefined) return {};
  return { 'If-Match': version === '*' ? '*' : `"${version}"` };
}

function recordIn({ json }: HttpAnswer): KeypairRecord {
  return (json as { keypair: KeypairRecord }).keypair;
}
