import { jsonString } from './json-string.js';
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

export function shown({ name, public_key, fingerprint, type, ...rest }: StoredKeypair, api: KeypairsApi): object {
  return {
    keypair: {
      name,
      public_key,
      fingerprint,
      ...typed(type, api),
      user_id: rest.user_id,
      created_at: rest.created_at,
      deleted: false,
      deleted_at: null,
      id: Number(rest.id),
      updated_at: rest.updated_at,
    },
  };
}

/**
 * A list, with the link to the next page where there may be one, as JSON text: lists are long, and an object for each keypair that
 * is only made to be written takes more time than everything else about it.
 */
export function list(keypairs: readonly ListedKeypair[], api: KeypairsApi, next: string | undefined): string {
  const links = next === undefined ? '' : `,"keypairs_links":${JSON.stringify([{ rel: 'next', href: next }])}`;
  return `{"keypairs":[${keypairs.map((keypair) => listed(keypair, api)).join(',')}]${links}}`;
}

function listed({ name, public_key, fingerprint, type }: ListedKeypair, { typeIn }: KeypairsApi): string {
  const rest =
    typeIn === undefined ? '' : typeIn === 'type' ? `,"type":"${type}"` : `,"key_type":"${type.toUpperCase()}"`;
  const key = `"public_key":${jsonString(public_key)},"fingerprint":${jsonString(fingerprint)}`;
  return `{"keypair":{"name":${jsonString(name)},${key}${rest}}}`;
}

function typed(type: KeypairType, { typeIn }: KeypairsApi): object {
  if (typeIn === undefined) return {};
  return typeIn === 'type' ? { type } : { key_type: type.toUpperCase() };
}
