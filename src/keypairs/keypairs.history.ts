import type { ClassConstructor } from 'class-transformer';
import type { ResponseForm } from '../http/shapes/response-form.js';
import type { Envelope } from '../http/shapes/shape.js';
import { History } from '../nova/history.js';
import { KeypairType } from '../domain/keypair-type.js';
import {
  ExactOwnerQuery,
  ExactPageQuery,
  ExtendedKeypair,
  ImportedKeypair,
  inKeypair,
  LegacyKeypair,
  NewKeypair,
  NewKeypairForUser,
  NewTypedKeypair,
  NoQuery,
  OwnerQuery,
  PageQuery,
} from './keypairs.dto.js';
import {
  CreatedExtendedKeypair,
  CreatedKeypair,
  CreatedTypedKeypair,
  inKeypairReply,
  ListedExtendedKeypair,
  ListedKeypair,
  ListedTypedKeypair,
  listReply,
  pagedReply,
  RegisteredKeypair,
  ShownExtendedKeypair,
  ShownKeypair,
  ShownTypedKeypair,
} from './keypairs.response.js';

/** What a microversion determines for keypairs. */
export interface KeypairsApi {
  readonly createBody: Envelope<LegacyKeypair & Partial<ExtendedKeypair & ImportedKeypair>>;
  readonly itemQuery: ClassConstructor<OwnerQuery>;
  readonly listQuery: ClassConstructor<PageQuery>;
  readonly createReply: ResponseForm;
  readonly showReply: ResponseForm;
  readonly listReply: ResponseForm;
  /** Status of a successful POST. */
  readonly created: number;
  /** Status of a successful DELETE. */
  readonly deleted: number;
  /** The property with the type, in responses and in the body. If undefined, every new keypair is an SSH one. */
  readonly typeIn: 'type' | 'key_type' | undefined;
  /** The only type that is listed and shown, if there is only one. */
  readonly onlyType: KeypairType | undefined;
  /** Whether spaces at the ends of a name are removed before it is stored. */
  readonly trimsNames: boolean;
  /** Whether lists are paginated, with links from one page to the next. */
  readonly paged: boolean;
}

/** Every change a client can see, oldest first. A row describes a change and holds until a later row. */
export const keypairsHistory = new History<KeypairsApi>(
  {
    from: '1.1',
    changes:
      'The API at /v2, which has no microversions. Unknown properties are ignored, and spaces around names are removed.',
    now: {
      createBody: inKeypair(LegacyKeypair),
      itemQuery: NoQuery,
      listQuery: NoQuery,
      createReply: inKeypairReply(CreatedKeypair),
      showReply: inKeypairReply(ShownKeypair),
      listReply: listReply(ListedKeypair),
      created: 200,
      deleted: 202,
      typeIn: undefined,
      onlyType: KeypairType.Ssh,
      trimsNames: true,
      paged: false,
    },
  },
  {
    from: '2.0',
    changes: 'The extension os-extended-keypairs of /v2: keypairs have a `key_type`, `SSH` or `X509`.',
    now: {
      createBody: inKeypair(ExtendedKeypair),
      createReply: inKeypairReply(CreatedExtendedKeypair),
      showReply: inKeypairReply(ShownExtendedKeypair),
      listReply: listReply(ListedExtendedKeypair),
      typeIn: 'key_type',
      onlyType: undefined,
    },
  },
  {
    from: '2.1',
    changes: 'First version. Unknown properties are refused. Names consist of letters, digits, spaces, `_` and `-`.',
    now: {
      createBody: inKeypair(NewKeypair),
      createReply: inKeypairReply(CreatedKeypair),
      showReply: inKeypairReply(ShownKeypair),
      listReply: listReply(ListedKeypair),
      trimsNames: false,
      typeIn: undefined,
    },
  },
  {
    from: '2.2',
    changes: 'Keypairs have a `type`, `ssh` or `x509`. Create returns 201 and delete 204.',
    now: {
      createBody: inKeypair(NewTypedKeypair),
      createReply: inKeypairReply(CreatedTypedKeypair),
      showReply: inKeypairReply(ShownTypedKeypair),
      listReply: listReply(ListedTypedKeypair),
      created: 201,
      deleted: 204,
      typeIn: 'type',
    },
  },
  {
    from: '2.10',
    changes: 'Administrators may act for another user with `user_id`, in the body of create and in every query.',
    now: { createBody: inKeypair(NewKeypairForUser), itemQuery: OwnerQuery, listQuery: OwnerQuery },
  },
  {
    from: '2.35',
    changes: 'Lists are paginated: `limit`, `marker` and a `next` link in `keypairs_links`.',
    now: { listQuery: PageQuery, listReply: pagedReply(ListedTypedKeypair), paged: true },
  },
  {
    from: '2.75',
    changes: 'Unknown query parameters are refused.',
    now: { itemQuery: ExactOwnerQuery, listQuery: ExactPageQuery },
  },
  {
    from: '2.92',
    changes:
      'The server no longer generates keys: `public_key` is required and `private_key` is never returned. Names may contain `.` and `@`.',
    now: { createBody: inKeypair(ImportedKeypair), createReply: inKeypairReply(RegisteredKeypair) },
  },
);
