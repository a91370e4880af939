import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { FastifyBaseLogger } from 'fastify';
import { InvalidConfig } from '../../config/config.js';
import { watchForChanges } from '../../files/watched-file.js';

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export const TLS_OPTIONS = { minVersion: 'TLSv1.2' } as const;

/** Throws InvalidConfig if the files cannot be used. */
export function readTlsFiles(certPath: string, keyPath: string): TlsFiles {
  try {
    return readValidFiles(certPath, keyPath);
  } catch (error) {
    throw new InvalidConfig([`TLS_CERT and TLS_KEY cannot be used: ${describeTlsError(error)}.`]);
  }
}

/**
 * Uses a new certificate for new connections when its files change. If they cannot be used, such as while only one of them is
 * written, the old one stays, and an error is logged. Returns a function that stops this.
 */
export function followTlsFiles(server: Server, certPath: string, keyPath: string, log: FastifyBaseLogger): () => void {
  const reload = (): void => {
    try {
      const files = readValidFiles(certPath, keyPath);
      server.setSecureContext({ ...files, ...TLS_OPTIONS });
      log.info({ valid_to: new X509Certificate(files.cert).validTo }, 'the new TLS certificate is in use');
    } catch (error) {
      log.error(
        `TLS_CERT or TLS_KEY has changed and cannot be used; the old certificate stays: ${describeTlsError(error)}`,
      );
    }
  };
  const stops = [certPath, keyPath].map((path) => watchForChanges(path, reload));
  return () => stops.forEach((stop) => stop());
}

function readValidFiles(certPath: string, keyPath: string): TlsFiles {
  const files = { cert: readFileSync(certPath), key: readFileSync(keyPath) };
  createSecureContext(files);
  return files;
}

/** The problem, without any content of the files. */
function describeTlsError(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return DESCRIPTIONS[code] ?? code;
}

const DESCRIPTIONS: Record<string, string> = {
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the key is not that of the certificate',
  ERR_OSSL_PEM_NO_START_LINE: 'one of them is not PEM',
};
