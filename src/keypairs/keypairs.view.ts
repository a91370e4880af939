import { KeypairType } from '../domain/keypair-type.js';
import type { ListedKeypairs, StoredKeypair } from '../persistence/keypair.repository.js';
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
      name: keypair.name,
      public_key: keypair.public_key,
      fingerprint: keypair.fingerprint,
      ...typed(keypair.type, api),
      user_id: keypair.user_id,
      created_at: keypair.created_at,
      deleted: false,
      deleted_at: null,
      id: Number(keypair.id),
      updated_at: keypair.updated_at,
    },
  };
}

const OPENING = Buffer.from('{"keypairs":[');
const COMMA = Buffer.from(',');

/** A list as JSON, with the link to the next page where there may be one. */
export function list({ parts }: ListedKeypairs, next: string | undefined): Buffer {
  const links = next === undefined ? '' : `,"keypairs_links":${JSON.stringify([{ rel: 'next', href: next }])}`;
  const separated = parts.flatMap((part, index) => (index === 0 ? part : [COMMA, part]));
  return Buffer.concat([OPENING, ...separated, Buffer.from(`]${links}}`)]);
}

/** How the JSON of a listed keypair ends after its fingerprint. */
export function restOfListed(api: KeypairsApi): Record<KeypairType, string> {
  const rest = (type: KeypairType): string =>
    Object.entries(typed(type, api))
      .map(([member, value]) => `,"${member}":"${value}"`)
      .join('');
  return { ssh: rest(KeypairType.Ssh), x509: rest(KeypairType.X509) };
}

function typed(type: KeypairType, { typeIn }: KeypairsApi): Record<string, string> {
  if (typeIn === undefined) return {};
  return typeIn === 'type' ? { type } : { key_type: type.toUpperCase() };
}
