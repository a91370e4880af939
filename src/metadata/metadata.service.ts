import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import { CONFIG, type Config } from '../config/config.js';
import { GuestRepository, type StoredGuest } from '../persistence/guest.repository.js';
import { type Document, linesDocument, textDocument } from './document.js';
import { ec2History } from './ec2.history.js';
import { ec2MetaData, entryAt, listing } from './ec2.view.js';
import { openStackHistory } from './metadata.history.js';
import { EMPTY_NETWORK_DATA, openStackFile, openStackFiles } from './openstack.view.js';
import { notFound, Refusal } from './refusal.js';

/** Base64, which may be broken into lines. */
const PASSWORD = /^[A-Za-z0-9+/=\n]*$/;

/** What guests may read, and the password that they may set. Paths are lists of segments. */
@Injectable()
export class MetadataService {
  constructor(
    private readonly guests: GuestRepository,
    private readonly audit: Audit,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The document at a path. Throws {@link Refusal}. */
  async read(guest: StoredGuest, path: readonly string[]): Promise<Document> {
    if (isPassword(path)) return textDocument((await this.guests.password(guest.id)) ?? '');
    // As in Nova, all other paths are under ec2.
    const [tree, ...below] = path[0] === 'openstack' || path[0] === 'ec2' ? path : ['ec2', ...path];
    const document = tree === 'openstack' ? this.openStack(guest, below) : ec2(guest, below);
    if (!document) throw notFound();
    return document;
  }

  /** Stores the password that a guest sets, encrypted for its owner; `from` is the address for the audit. Throws {@link Refusal}. */
  async setPassword(guest: StoredGuest, path: readonly string[], password: string, from: string): Promise<void> {
    if (!isPassword(path)) throw notFound();
    if (!PASSWORD.test(password)) throw new Refusal(400, 'The password must be encrypted and in base64.');
    // As in Nova, an empty one is ignored.
    if (password === '') return;
    if (!(await this.guests.setPassword(guest.id, password))) {
      throw new Refusal(409, 'The guest has left a password already.');
    }
    this.audit.recordBy({ from }, { action: 'guest.password', owner: guest.userId, name: guest.id });
  }

  private openStack(guest: StoredGuest, path: readonly string[]): Document | undefined {
    const [version, name, ...more] = path;
    if (version === undefined) return linesDocument(openStackHistory.versionsUntil(today()));
    const api = openStackHistory.at(version);
    if (!api || more.length > 0) return undefined;
    const isEmptyNetwork = version === 'latest' && guest.networkData === null;
    if (isEmptyNetwork && name === 'network_data.json') return EMPTY_NETWORK_DATA;
    if (name !== undefined) return openStackFile(guest, name, api, this.config.metadataKeys);
    return linesDocument([...openStackFiles(guest, api), ...(api.password ? ['password'] : [])]);
  }
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
