import { linksOf } from '../http/pages.js';
import { KeypairType, toKeyType } from '../domain/keypair-type.js';
import type { ListedKeypairs, StoredKeypair } from '../persistence/repositories/keypair.repository.js';
import type { KeypairsApi } from './keypairs.history.js';
import type { CreatedKeypair } from './keypairs.service.js';

/** The bodies of responses. Add no members: clients validate responses strictly. */

export function showCreated(keypair: CreatedKeypair, api: KeypairsApi): object {
  const { name, userId, type, fingerprint, publicKey, privateKey } = keypair;
  return {
    keypair: {
      name,
      ...typeMember(type, api),
      public_key: publicKey,
      fingerprint,
      user_id: userId,
      ...(privateKey !== undefined && { private_key: privateKey }),
    },
  };
}

export function show(keypair: StoredKeypair, api: KeypairsApi): object {
  return {
    keypair: {
      name: keypair.name,
      public_key: keypair.publicKey,
      fingerprint: keypair.fingerprint,
      ...typeMember(keypair.type, api),
      user_id: keypair.userId,
      created_at: keypair.createdAt,
      deleted: false,
      deleted_at: null,
      id: Number(keypair.id),
      updated_at: keypair.updatedAt,
    },
  };
}

/** A list, with the link to the next page if there may be one. */
export function list({ keypairs }: ListedKeypairs, next?: string): object {
  return { keypairs, ...linksOf('keypairs', next) };
}

function typeMember(type: KeypairType, { typeIn }: KeypairsApi): Record<string, string> {
  if (typeIn === undefined) return {};
  return typeIn === 'type' ? { type } : { key_type: toKeyType(type) };
}
