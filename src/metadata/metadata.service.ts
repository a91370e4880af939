import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { Keys } from '../crypto/keys.js';
import { GuestRepository, type StoredGuest } from '../persistence/repositories/guest.repository.js';
import { RevocationList } from '../ssh-ca/revocation-list.js';
import { authorityLine, SshAuthority } from '../ssh-ca/ssh-authority.js';
import { Deliveries } from './delivery/deliveries.js';
import { type Document, linesDocument, textDocument } from './formats/document.js';
import { ec2History } from './formats/ec2.history.js';
import { ec2MetaData, entryAt, listing } from './formats/ec2.view.js';
import { openStackHistory } from './formats/metadata.history.js';
import { AUTHORITY_KEYS_PATH, AUTHORIZED_KEYS_PATH, authorizedKeys, KRL_PATH } from './formats/guest-files.js';
import { noCloudFile } from './formats/nocloud.view.js';
import { EMPTY_NETWORK_DATA, type DocumentStyle, openStackFile, openStackFiles } from './formats/openstack.view.js';
import { hostKeysIn, PHONE_HOME_PATH, phoneHomeConfig } from './delivery/phone-home.js';
import { notFound, Refusal } from './refusal.js';

/** A tree of documents, and the name of that with the keys. */
interface Tree {
  readonly read: (guest: StoredGuest, path: readonly string[], style: DocumentStyle) => Document | undefined;
  readonly withKeys: string;
}

const TREES: Readonly<Record<string, Tree>> = {
  openstack: { read: openStack, withKeys: 'meta_data.json' },
  ec2: { read: ec2, withKeys: 'public-keys' },
  nocloud: { read: noCloud, withKeys: 'meta-data' },
};

/** The maximum of a password (nova.api.metadata.password). */
const MAX_PASSWORD_BYTES = 1020;

/** Base64, which may be broken into lines. */
const PASSWORD = /^[A-Za-z0-9+/=\n]*$/;

/** What guests may read, and what they may leave: a password and their host keys. Paths are lists of segments. */
@Injectable()
export class MetadataService {
  private readonly style: DocumentStyle;

  constructor(
    private readonly guests: GuestRepository,
    private readonly deliveries: Deliveries,
    private readonly audit: Audit,
    private readonly keys: Keys,
    private readonly authority: SshAuthority,
    private readonly revocations: RevocationList,
    @Inject(CONFIG) { metadataKeys, phoneHomeUrl }: Config,
  ) {
    this.style = {
      keys: metadataKeys,
      ...(phoneHomeUrl !== undefined && { phoneHome: phoneHomeConfig(phoneHomeUrl) }),
    };
  }

  /** The document at a path; `user` is the account whose live keys are requested. Throws {@link Refusal}. */
  async read(guest: StoredGuest, path: readonly string[], user: string | null): Promise<Document> {
    if (path[0] === 'latchkey') return this.readForSshd(guest, path.join('/'), user);
    if (isPassword(path)) return textDocument((await this.guests.password(guest.id)) ?? '');
    // As in Nova, all other paths are under ec2.
    const [tree, ...below] = Object.hasOwn(TREES, path[0]) ? path : ['ec2', ...path];
    const { read, withKeys } = TREES[tree];
    const document = read(guest, below, this.style);
    if (!document) throw notFound();
    if (below.includes(withKeys)) this.deliveries.note(guest);
    return document;
  }

  /** Accepts what a guest posts; the address is for the audit. Throws {@link Refusal}. */
  async accept(guest: StoredGuest, path: readonly string[], body: string, from: string): Promise<void> {
    if (isPassword(path)) return this.setPassword(guest, body, from);
    if (path.join('/') === PHONE_HOME_PATH && this.style.phoneHome !== undefined)
      return this.reportHostKeys(guest, body, from);
    throw notFound();
  }

  /** What a guest reads for its sshd after it has booted. */
  private async readForSshd(guest: StoredGuest, path: string, user: string | null): Promise<Document> {
    if (path === AUTHORIZED_KEYS_PATH) {
      const lines = authorizedKeys(guest, user);
      if (lines === undefined) throw notFound();
      if (lines !== '') this.deliveries.note(guest);
      return textDocument(lines);
    }
    if (guest.sshCa === null || !this.authority.isOn) throw notFound();
    if (path === KRL_PATH) return { type: 'application/octet-stream', content: (await this.revocations.krl()).content };
    if (path !== AUTHORITY_KEYS_PATH) throw notFound();
    return textDocument((await this.authority.keys()).map(({ blob }) => `${authorityLine(blob)}\n`).join(''));
  }

  /** Stores the password that a guest sets, encrypted for its owner. */
  private async setPassword(guest: StoredGuest, password: string, from: string): Promise<void> {
    if (password.length > MAX_PASSWORD_BYTES) throw new Refusal(400, 'Request is too large.');
    if (!PASSWORD.test(password)) throw new Refusal(400, 'The password must be encrypted and in base64.');
    // As in Nova, an empty one is ignored.
    if (password === '') return;
    if (!(await this.guests.setPassword(guest.id, password))) {
      throw new Refusal(409, 'The guest has left a password already.');
    }
    this.audit.recordBy({ from }, { action: 'guest.password', owner: guest.userId, name: guest.id });
  }

  /** Stores the host keys that cloud-init reports. */
  private async reportHostKeys(guest: StoredGuest, form: string, from: string): Promise<void> {
    if (!(await this.guests.addHostKeys(guest.id, hostKeysIn(form, this.keys))))
      throw new Refusal(409, 'The guest has reported other host keys.');
    this.audit.recordBy({ from }, { action: 'guest.host-keys', owner: guest.userId, name: guest.id });
  }
}

function openStack(guest: StoredGuest, path: readonly string[], style: DocumentStyle): Document | undefined {
  const [version, name, ...more] = path;
  if (version === undefined) return linesDocument(openStackHistory.versionsUntil(today()));
  const api = openStackHistory.at(version);
  if (!api || more.length > 0) return undefined;
  const isEmptyNetwork = version === 'latest' && guest.networkData === null;
  if (isEmptyNetwork && name === 'network_data.json') return EMPTY_NETWORK_DATA;
  if (name !== undefined) return openStackFile(guest, name, api, style);
  return linesDocument([...openStackFiles(guest, api, style), ...(api.password ? ['password'] : [])]);
}

/** An id that is not that of the guest gets nothing: a guest that may choose its id must not read another's. */
function noCloud(guest: StoredGuest, [id, name, ...more]: readonly string[]): Document | undefined {
  if (id?.toLowerCase() !== guest.id || name === undefined || more.length > 0) return undefined;
  const content = noCloudFile(guest, name);
  return content && textDocument(content);
}

function isPassword([tree, version, name, ...more]: readonly string[]): boolean {
  if (tree !== 'openstack' || name !== 'password' || more.length > 0) return false;
  return openStackHistory.at(version)?.password === true;
}

function ec2(guest: StoredGuest, [version, name, ...path]: readonly string[]): Document | undefined {
  if (version === undefined) return linesDocument(ec2History.versions());
  const api = ec2History.at(version);
  if (!api) return undefined;
  const { userData } = guest;
  if (name === undefined) return linesDocument(userData === null ? ['meta-data/'] : ['meta-data/', 'user-data']);
  if (name === 'user-data' && path.length === 0 && userData !== null) {
    return textDocument(Buffer.from(userData, 'base64'));
  }
  const entry = name === 'meta-data' ? entryAt(ec2MetaData(guest, api), path) : undefined;
  if (entry === undefined) return undefined;
  return typeof entry === 'string' ? textDocument(entry) : linesDocument(listing(entry));
}

const today = (): string => new Date().toISOString().slice(0, 10);
