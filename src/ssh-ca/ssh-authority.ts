import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config, InvalidConfig } from '../config/config.js';
import { sha256, showSshSha256 } from '../crypto/fingerprint.js';
import { listAgentKeys, signWithAgent } from '../crypto/ssh/ssh-agent.js';
import { signerBlob, signerOf, SIGNER_TYPES, type SshSigner, typeOfBlob } from '../crypto/ssh/ssh-signer.js';
import { DomainError } from '../domain/domain-error.js';
import { watchForChanges } from '../files/watched-file.js';
import {
  authorityFile,
  type AuthorityKeys,
  InvalidAuthorityFile,
  openAuthorityFile,
  readAuthorityFile,
} from './authority-file.js';

/** A public key that guests trust for certificates. */
export interface AuthorityKey {
  readonly blob: Buffer;
  /** Its state: it signs, will sign, or has signed. */
  readonly state: 'active' | 'next' | 'retired';
}

/** The service issues no certificates. */
export class SshCaOff extends DomainError {
  constructor() {
    super('ssh-ca-off', 'There is no SSH certificate authority here. Ask the operator for SSH_CA=on.');
  }
}

class SshCaUnavailable extends DomainError {
  constructor(options: ErrorOptions) {
    super('ssh-ca-unavailable', 'The SSH certificate authority cannot sign now. Try again in a moment.', options);
  }
}

/** How long the keys of an agent are cached. */
const AGENT_TTL_MS = 5000;

/** The comment of the authority's keys in files of guests. */
const COMMENT = 'latchkey-user-ca';

/** The keys of the certificate authority: in a private file or in an agent, and never in the database. */
@Injectable()
export class SshAuthority implements OnModuleDestroy {
  readonly isOn: boolean;
  private fileKeys: AuthorityKeys | undefined;
  private agentKeys: { readonly keys: Promise<readonly AuthorityKey[]>; readonly until: number } | undefined;
  private lastAgentKeys: readonly AuthorityKey[] | undefined;
  private readonly stopWatching: (() => void) | undefined;

  /** Throws InvalidConfig if the file of the keys cannot be read or made. */
  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.isOn = config.sshCa === 'on';
    if (!this.isOn || config.sshCaAgent !== undefined) return;
    this.fileKeys = openKeys(config);
    this.stopWatching = watchForChanges(authorityFile(config), () => this.readAgain());
  }

  onModuleDestroy(): void {
    this.stopWatching?.();
  }

  /** The keys that guests trust, the signing key first. Throws {@link SshCaOff} or SshCaUnavailable. */
  async keys(): Promise<readonly AuthorityKey[]> {
    if (!this.isOn) throw new SshCaOff();
    if (!this.fileKeys) return this.keysOfAgent();
    const { active, next, retired } = this.fileKeys;
    return [
      { blob: signerBlob(active), state: 'active' },
      ...(next ? [{ blob: signerBlob(next), state: 'next' as const }] : []),
      ...(retired ? [{ blob: signerBlob(retired), state: 'retired' as const }] : []),
    ];
  }

  /** The key that signs. Throws {@link SshCaOff} or SshCaUnavailable. */
  async signer(): Promise<SshSigner> {
    if (!this.isOn) throw new SshCaOff();
    if (this.fileKeys) return signerOf(this.fileKeys.active);
    const [{ blob }] = await this.keysOfAgent();
    return {
      publicKey: blob,
      sign: (data) =>
        signWithAgent(this.config.sshCaAgent!, blob, data).catch((cause: unknown) => {
          throw new SshCaUnavailable({ cause });
        }),
    };
  }

  private keysOfAgent(): Promise<readonly AuthorityKey[]> {
    const now = Date.now();
    if (this.agentKeys && now < this.agentKeys.until) return this.agentKeys.keys;
    const keys = this.readAgent();
    this.agentKeys = { keys, until: now + AGENT_TTL_MS };
    keys.then(
      (found) => (this.lastAgentKeys = found),
      () => (this.agentKeys = undefined),
    );
    // Guests also boot while the agent is away, with its last known keys.
    return keys.catch((error: unknown) => {
      if (this.lastAgentKeys) return this.lastAgentKeys;
      throw error;
    });
  }

  private async readAgent(): Promise<readonly AuthorityKey[]> {
    try {
      const held = await listAgentKeys(this.config.sshCaAgent!);
      const blobs = held.map(({ blob }) => blob).filter((blob) => SIGNER_TYPES.includes(typeOfBlob(blob)));
      if (blobs.length === 0) throw new Error('The agent holds no key of Ed25519 or of ECDSA with P-256.');
      return blobs.map((blob, at) => ({ blob, state: at === 0 ? 'active' : 'next' }));
    } catch (cause) {
      throw new SshCaUnavailable({ cause });
    }
  }

  /** A broken or missing file changes nothing, so that a mistake does not stop the service. */
  private readAgain(): void {
    try {
      this.fileKeys = readAuthorityFile(authorityFile(this.config));
    } catch {
      // The next change is read again.
    }
  }
}

/** A key as a line of authorized_keys or TrustedUserCAKeys. */
export const authorityLine = (blob: Buffer): string => `${typeOfBlob(blob)} ${blob.toString('base64')} ${COMMENT}`;

/** As `ssh-keygen -l` shows it. */
export const authorityFingerprint = (blob: Buffer): string => showSshSha256(sha256(blob));

function openKeys(config: Config): AuthorityKeys {
  const path = authorityFile(config);
  try {
    return openAuthorityFile(path, config.sshCaType);
  } catch (error) {
    if (error instanceof InvalidAuthorityFile) throw new InvalidConfig([`${path} ${error.message}.`]);
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new InvalidConfig([`${path} cannot be read or made (${code}).`]);
  }
}
