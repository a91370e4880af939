import type { KeypairType } from '../persistence/keypair-type.js';
import type { ListedKeypair, StoredKeypair } from '../persistence/keypair.repository.js';
import type { KeypairsApi } from './keypairs.history.js';
import type { CreatedKeypair } from './keypairs.service.js';

/** What clients get back. Nothing may be added here: clients check answers strictly. */

export function created(keypair: CreatedKeypair, api: KeypairsApi): object {
  const { name, userId, type, fingerprint, publicKey, privateKey } = keypair;
  return {
    keypair: {
      name,
      ...typed(type, api),
      public_key: publicKey,
      fingerprint,
      user_id: userId,
      ...(privateKey !== undefined && { private_key: privateKey }),
    },
  };
}

export function shown(keypair: StoredKeypair, api: KeypairsApi): object {
  return {
    keypair: {
      ...listed(keypair, api),
      user_id: keypair.user_id,
      created_at: keypair.created_at,
      deleted: false,
      deleted_at: null,
      id: Number(keypair.id),
      updated_at: keypair.updated_at,
    },
  };
}

/** A list, with the link to the next page where there may be one. */
export function list(keypairs: ListedKeypair[], api: KeypairsApi, next: string | undefined): object {
  return {
    keypairs: keypairs.map((keypair) => ({ keypair: listed(keypair, api) })),
    ...(next !== undefined && { keypairs_links: [{ rel: 'next', href: next }] }),
  };
}

function listed({ name, public_key, fingerprint, type }: ListedKeypair, api: KeypairsApi): object {
  return { name, public_key, fingerprint, ...typed(type, api) };
}

function typed(type: KeypairType, { typeIn }: KeypairsApi): object {
  if (typeIn === undefined) return {};
  return typeIn === 'type' ? { type } : { key_type: type.toUpperCase() };
}
