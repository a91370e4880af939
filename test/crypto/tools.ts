import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory where the witnesses, ssh-keygen and openssl, make keys and read ours. */
export class Bench {
  private readonly directory = mkdtempSync(join(tmpdir(), 'keys-'));

  clear(): void {
    rmSync(this.directory, { recursive: true });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Writes a file that only its owner may read: ssh-keygen refuses other private keys. */
  write(name: string, content: string | Uint8Array): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  /** Runs a witness in the directory and returns its output; throws if it fails. */
  run(command: 'ssh-keygen' | 'openssl', ...words: string[]): string {
    return execFileSync(command, words, { cwd: this.directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** A new key pair of ssh-keygen; returns the public key as in the .pub file. */
  sshKey(name: string, type: string, bits: number, comment = 'alice@wonderland'): string {
    this.run('ssh-keygen', '-q', '-t', type, '-b', String(bits), '-N', '', '-C', comment, '-f', name);
    return this.read(`${name}.pub`);
  }

  /** A new self-signed certificate of openssl, in PEM; its key is in `NAME.key`. */
  certificate(name: string, key: string, ...more: string[]): string {
    const [algorithm, ...options] = key.split(' ');
    const newkey = ['-newkey', algorithm, ...options.flatMap((option) => ['-pkeyopt', option])];
    const words = ['-x509', ...newkey, '-nodes', '-subj', '/CN=alice', '-keyout', `${name}.key`, '-out', name, ...more];
    this.run('openssl', 'req', ...words);
    return this.read(name);
  }
}

/** The data types of SSH, for blobs that no tool would write. */
export const wire = {
  string(content: string | Uint8Array): Buffer {
    const bytes = Buffer.from(content);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  },
  /** A blob as a key line. */
  line(type: string, ...parts: Buffer[]): string {
    return `${type} ${Buffer.concat([wire.string(type), ...parts]).toString('base64')}`;
  },
};

/** The bytes of a key line. */
export function blobOf(line: string): Buffer {
  return Buffer.from(line.split(' ')[1], 'base64');
}

/** What follows the type in the blob of a line. */
export function bodyOf(line: string): Buffer {
  const blob = blobOf(line);
  return blob.subarray(4 + blob.readUInt32BE());
}
