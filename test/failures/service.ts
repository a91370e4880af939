import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';

/** The service on a PostgreSQL server, migrated, with short timeouts. */
export function serviceOn(databaseUrl: string, settings: Record<string, string> = {}): Promise<ServiceProcess> {
  return serviceWith({ DATABASE_URL: databaseUrl, ...settings });
}

/** The same with settings that name the server. */
export function serviceWith(settings: Record<string, string>): Promise<ServiceProcess> {
  return ServiceProcess.listening({
    DATA_DIR: mkdtempSync(join(tmpdir(), 'latchkey-failures-')),
    MIGRATE_ON_START: 'true',
    DB_TIMEOUT_MS: '2000',
    KEYPAIR_QUOTA: '-1',
    LOG_LEVEL: 'warn',
    ...settings,
  });
}

/** Milliseconds until a write succeeds; prints them. Throws if none does within a minute. */
export async function recovery(client: Client, when: string): Promise<number> {
  const began = performance.now();
  while (performance.now() - began < 60_000) {
    const { status } = await client.post('/v2.1/os-keypairs', { keypair: { name: 'recovery', public_key: KEY } });
    if (status === 201 || status === 409) {
      const milliseconds = Math.round(performance.now() - began);
      process.stdout.write(`Recovered ${milliseconds} ms ${when}.\n`);
      return milliseconds;
    }
    await sleep(50);
  }
  throw new Error('The service did not recover.');
}

/** A public key without a known private key. */
export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHW4GkZE1NCk8A2dRCMkUlZcJxpQ0MG9D5kIw3zJHrkF';
