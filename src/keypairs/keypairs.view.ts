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

// Written out, since lists are long, and each object that is copied is one more to clear away.
function listed({ name, public_key, fingerprint, type }: ListedKeypair, { typeIn }: KeypairsApi): object {
  if (typeIn === 'type') return { name, public_key, fingerprint, type };
  if (typeIn === 'key_type') return { name, public_key, fingerprint, key_type: type.toUpperCase() };
  return { name, public_key, fingerprint };
}

function typed(type: KeypairType, { typeIn }: KeypairsApi): object {
  if (typeIn === undefined) return {};
  return typeIn === 'type' ? { type } : { key_type: type.toUpperCase() };
}
