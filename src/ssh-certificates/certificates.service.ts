import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { InvalidKey } from '../crypto/invalid-key.js';
import { parseStoredKey } from '../crypto/ssh/ssh.js';
import { isCertifiable, signUserCertificate, typeOfCertificate } from '../crypto/ssh/user-certificate.js';
import type { Caller } from '../domain/caller.js';
import { DomainError } from '../domain/domain-error.js';
import { excerpt } from '../domain/excerpt.js';
import { canonicalNetwork } from '../domain/ip-address.js';
import { ownerOfProject } from '../domain/keypair-owner.js';
import { readDuration, utcTime } from '../domain/utc-time.js';
import { GuestNotFound } from '../guests/guests.service.js';
import { SharedKeypairs } from '../keypairs/shared-keypairs.js';
import { GuestRepository } from '../persistence/repositories/guest.repository.js';
import { type KeypairRecord, KeypairRecordRepository } from '../persistence/repositories/keypair-record.repository.js';
import {
  type CertificateListing,
  type NewCertificate as NewCertificateRow,
  SshCertificateRepository,
  type StoredCertificate,
} from '../persistence/repositories/ssh-certificate.repository.js';
import { requirePolicy } from '../policy/policy.js';
import { guestPrincipal, inKeyId, projectPrincipal } from '../ssh-ca/principals.js';
import { SshAuthority, SshCaOff } from '../ssh-ca/ssh-authority.js';
import { MAX_PRINCIPALS } from './certificate-rules.js';
import type { NewCertificate } from './ssh-certificates.dto.js';

/** A newly signed certificate. */
export interface SignedCertificate {
  readonly row: NewCertificateRow;
  readonly serial: string;
  /** As a -cert.pub file has it. */
  readonly line: string;
  readonly signerKey: Buffer;
}

/** The certificate cannot be issued as requested. */
class CertificateRefused extends DomainError {
  constructor(message: string, options?: ErrorOptions) {
    super('certificate-refused', message, options);
  }
}

/** The caller and the project have no keypair of that name. */
class NoSuchKeypair extends DomainError {
  constructor(name: string) {
    super('keypair-not-found', `Keypair ${excerpt(name)} not found for you or the project of the token.`);
  }
}

class CertificateNotFound extends DomainError {
  constructor(serial: string) {
    super('certificate-not-found', `Certificate ${excerpt(serial)} could not be found.`);
  }
}

/** How long ago the validity of a certificate starts, since the clocks of guests may be two minutes slow. */
const BACKDATE_MS = 180_000;

const DEFAULT_EXTENSIONS = ['permit-pty', 'permit-port-forwarding'];

const PRUNE_INTERVAL_MS = 3_600_000;

/** The rules of SSH certificates. Certificates of other users count as not found. */
@Injectable()
export class CertificatesService implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly authority: SshAuthority,
    private readonly certificates: SshCertificateRepository,
    private readonly keypairs: KeypairRecordRepository,
    private readonly shared: SharedKeypairs,
    private readonly guests: GuestRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.authority.isOn) return;
    // A failed deletion is repeated in the next hour.
    this.timer = setInterval(() => void this.prune().catch(() => undefined), PRUNE_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /**
   * Signs a certificate for a keypair of the caller or of the project. Throws SshCaOff, NoSuchKeypair, GuestNotFound, PolicyForbids,
   * CertificateRefused or SshCaUnavailable.
   */
  async issue(caller: Caller, request: NewCertificate): Promise<SignedCertificate> {
    if (!this.authority.isOn) throw new SshCaOff();
    const ttlMs = this.ttlOf(request);
    const principals = await this.principalsOf(caller, request);
    const keypair = await this.keypairOf(caller, request.keypair);
    const publicKey = certifiableKey(keypair);
    const now = Date.now();
    const end = utcTime(now + ttlMs);
    const row: NewCertificateRow = {
      userId: caller.userId,
      projectId: caller.projectId ?? null,
      keypairOwner: keypair.userId,
      keypair: keypair.name,
      keypairId: keypair.id,
      keypairFingerprint: keypair.fingerprint,
      keyId: ['latchkey', caller.userId, keypair.name, caller.requestId].map(inKeyId).join(':'),
      principals,
      validAfter: utcTime(now - BACKDATE_MS),
      validBefore: keypair.expiresAt !== null && keypair.expiresAt < end ? keypair.expiresAt : end,
    };
    const signer = await this.authority.signer();
    const serial = await this.certificates.nextSerial();
    const certificate = {
      publicKey,
      serial: BigInt(serial),
      keyId: row.keyId,
      principals,
      validAfter: secondsOf(row.validAfter),
      validBefore: secondsOf(row.validBefore),
      ...(request.force_command !== undefined && { forceCommand: request.force_command }),
      ...(request.source_addresses && {
        sourceAddresses: request.source_addresses.map((each) => canonicalNetwork(each)!),
      }),
      extensions: request.extensions ?? DEFAULT_EXTENSIONS,
      nonce: randomBytes(32),
    };
    const blob = await signUserCertificate(certificate, signer);
    await this.certificates.add(serial, row, caller);
    const line = `${typeOfCertificate(blob)} ${blob.toString('base64')} ${inKeyId(keypair.name)}`;
    return { row, serial, line, signerKey: signer.publicKey };
  }

  /** One page by serial number; `userId` undefined: of all users. Throws SshCaOff or PolicyForbids. */
  page(caller: Caller, listing: CertificateListing): Promise<StoredCertificate[]> {
    if (!this.authority.isOn) throw new SshCaOff();
    const { userId } = listing;
    requirePolicy(caller, 'latchkey:ssh-certificates:index', { ...(userId !== undefined && { userId }) });
    return this.certificates.page(listing);
  }

  /** Revokes a certificate and returns it. Throws SshCaOff, {@link CertificateNotFound} or PolicyForbids. */
  async revoke(caller: Caller, serial: string): Promise<StoredCertificate> {
    if (!this.authority.isOn) throw new SshCaOff();
    const found = /^[1-9]\d{0,17}$/.test(serial) ? await this.certificates.find(serial) : undefined;
    if (!found || !caller.rules.allows('latchkey:ssh-certificates:index', caller, { userId: found.userId }))
      throw new CertificateNotFound(serial);
    requirePolicy(caller, 'latchkey:ssh-certificates:revoke', { userId: found.userId });
    await this.certificates.revoke(serial, caller);
    return found;
  }

  /** Deletes the rows of certificates that expired a month ago. */
  prune(): Promise<void> {
    return this.certificates.prune();
  }

  private ttlOf({ ttl }: NewCertificate): number {
    const { sshCertTtlMs, sshCertMaxTtlMs } = this.config;
    const ttlMs = ttl === undefined ? sshCertTtlMs : readDuration(ttl)!;
    if (ttlMs <= sshCertMaxTtlMs) return ttlMs;
    throw new CertificateRefused(`The ttl is longer than ${sshCertMaxTtlMs / 60_000} minutes; ask for a shorter one.`);
  }

  private async principalsOf(caller: Caller, request: NewCertificate): Promise<string[]> {
    const { guests = [], project = false, principals = [] } = request;
    const ofGuests: string[] = [];
    for (const id of new Set(guests.map((each) => each.toLowerCase()))) {
      await this.requireGuest(caller, id);
      ofGuests.push(guestPrincipal(id));
    }
    const ofProject: string[] = [];
    if (project) {
      const { projectId } = caller;
      if (projectId === undefined)
        throw new DomainError('no-project', 'The token has no project. Log in with a project as scope.');
      requirePolicy(caller, 'latchkey:ssh-certificates:project', { projectId });
      ofProject.push(projectPrincipal(projectId));
    }
    if (principals.length > 0) requirePolicy(caller, 'latchkey:ssh-certificates:principals');
    const all = [...new Set([...ofGuests, ...ofProject, ...principals])];
    if (all.length === 0)
      throw new CertificateRefused('A certificate needs a principal; add guests, "project": true, or principals.');
    if (all.length > MAX_PRINCIPALS)
      throw new CertificateRefused(
        `The certificate would have more than ${MAX_PRINCIPALS} principals; ask for several.`,
      );
    return all;
  }

  /** Throws GuestNotFound, PolicyForbids, or CertificateRefused for a guest that accepts no certificates. */
  private async requireGuest(caller: Caller, id: string): Promise<void> {
    const guest = await this.guests.find(id);
    const isOpen =
      guest?.sshAccess === 'project' && caller.rules.allows('latchkey:ssh-certificates:project', caller, guest);
    if (!guest || (!isOpen && !caller.rules.allows('latchkey:guests:show', caller, guest))) throw new GuestNotFound(id);
    if (!isOpen) requirePolicy(caller, 'latchkey:ssh-certificates:guest', guest);
    if (guest.sshCa === null)
      throw new CertificateRefused(`Guest ${id} accepts no certificates; set its ssh_ca before its first boot.`);
  }

  /** The caller's keypair, or else the project's. */
  private async keypairOf({ userId, projectId }: Caller, name: string): Promise<KeypairRecord> {
    const own = await this.keypairs.find(userId, name);
    if (own) return own;
    const shared = await this.shared.find(projectId, name);
    const found = shared && (await this.keypairs.find(ownerOfProject(projectId!), name));
    if (!found) throw new NoSuchKeypair(name);
    return found;
  }
}

/** The blob of a keypair's key. Throws CertificateRefused for an expired keypair, or a key that cannot be certified. */
function certifiableKey({ name, publicKey, expiresAt }: KeypairRecord): Buffer {
  if (expiresAt !== null && expiresAt <= utcTime(Date.now()))
    throw new CertificateRefused(`Keypair ${excerpt(name)} has expired; set a later end, or name another one.`);
  const unfit = `Keypair ${excerpt(name)} holds no SSH key that can be certified: Ed25519, ECDSA, RSA or of a security key.`;
  try {
    const key = parseStoredKey(publicKey);
    if (isCertifiable(key.type)) return key.blob;
  } catch (cause) {
    if (!(cause instanceof InvalidKey)) throw cause;
    throw new CertificateRefused(unfit, { cause });
  }
  throw new CertificateRefused(unfit);
}

const secondsOf = (time: string): number => Math.floor(Date.parse(`${time}Z`) / 1000);
