import { send } from './api.js';
import { current } from './session.js';

/** A keypair as `/v1/keypairs` lists it. */
export interface KeypairRecord {
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly algorithm: string | null;
  readonly bits: number | null;
  readonly comment: string;
  readonly fingerprint: string;
  readonly fingerprints: Readonly<Record<string, string | undefined>>;
  readonly user_id: string;
  readonly project_id: string | null;
  readonly scope: 'own' | 'project';
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly expires_at: string | null;
  readonly expired: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly note: string | null;
  readonly delete_protected: boolean;
  readonly guests: number;
  readonly last_delivered_at: string | null;
  readonly certificate?: { readonly subject: string; readonly not_after: string | null; readonly upn: string | null };
  readonly public_key?: string;
}

/** A guest as `/v1/guests` lists it. */
export interface Guest {
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly key_names: readonly string[];
  readonly follow_keys: boolean;
  readonly ssh_ca: boolean | 'sshd';
  readonly ssh_access: 'owner' | 'project';
  readonly login_users: readonly string[];
  readonly last_fetched_at: string | null;
}

type Links = readonly { readonly rel: string; readonly href: string }[];

/** Whose keypairs: the user's own or those of the project. */
export type Scope = 'own' | 'project';

export const hasProjectKeypairs = (): boolean =>
  current.settings.hasSharedKeypairs && !!current.session && current.session.project !== null;

type Query = Readonly<Record<string, string>>;

export const listKeypairs = (query: Query): Promise<KeypairRecord[]> => listAll('v1/keypairs', 'keypairs', query);

/** A guest belongs to a project. */
export const hasGuests = (): boolean => !!current.session && current.session.project !== null;

export const listGuests = (): Promise<Guest[]> => listAll('v1/guests', 'guests', {});

/** All that a query finds, page by page; `member` is what answers call it. */
export async function listAll<T>(path: string, member: string, query: Query): Promise<T[]> {
  const found: T[] = [];
  let search: string | undefined = `?${new URLSearchParams({ limit: '1000', ...query })}`;
  while (search !== undefined) {
    const { body }: { body: Record<string, unknown> } = await send('GET', `${path}${search}`);
    found.push(...(body[member] as readonly T[]));
    const links = body[`${member}_links`] as Links | undefined;
    const next = links?.find(({ rel }) => rel === 'next');
    // Only the query: the service may know itself under another address.
    search = next && new URL(next.href).search;
  }
  return found;
}

/** The path of one keypair. */
export function keypairPath(name: string, scope: Scope): string {
  const owner = scope === 'own' ? 'v1' : `v1/projects/${encodeURIComponent(current.session?.project?.id ?? '')}`;
  return `${owner}/keypairs/${encodeURIComponent(name)}`;
}

export const showKeypair = async (name: string, scope: Scope): Promise<KeypairRecord> =>
  (await send<{ keypair: KeypairRecord }>('GET', keypairPath(name, scope))).body.keypair;

export interface NewKeypair {
  readonly public_key: string;
  readonly type: 'ssh' | 'x509';
  readonly expires_at?: string;
}

/** Registers a public key under a name that is free. Throws a Refusal, 412 if it is not. */
export async function register(name: string, scope: Scope, keypair: NewKeypair): Promise<KeypairRecord> {
  const headers = { 'If-None-Match': '*' };
  return (await send<{ keypair: KeypairRecord }>('PUT', keypairPath(name, scope), { keypair }, headers)).body.keypair;
}

/** Characters that Nova permits in names from 2.92 on. */
export const isName = (name: string): boolean => /^[\w.@ -]{1,255}$/.test(name) && name.trim() === name;

/** The end of the day that a date input names, in UTC; undefined for an empty one. */
export const endOfDay = (date: string): string | undefined => (date === '' ? undefined : `${date}T23:59:59Z`);
