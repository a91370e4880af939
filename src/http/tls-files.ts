import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import { watchForChanges } from '../identity/watched-file.js';

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export function readTlsFiles(certPath: string, keyPath: string): TlsFiles {
  return { cert: readFileSync(certPath), key: readFileSync(keyPath) };
}

/**
 * Takes a new certificate into use when its files change; new connections get it. Files that do not fit each other, such as
 * when one of them is still to be written, leave all as it was. Returns the way to stop.
 */
export function followTlsFiles(server: Server, certPath: string, keyPath: string): () => void {
  const reload = (): void => {
    try {
      const files = readTlsFiles(certPath, keyPath);
      createSecureContext(files);
      server.setSecureContext({ ...files, minVersion: 'TLSv1.2' });
    } catch {
      // The next change is looked at again.
    }
  };
  const stops = [certPath, keyPath].map((path) => watchForChanges(path, reload));
  return () => stops.forEach((stop) => stop());
}
