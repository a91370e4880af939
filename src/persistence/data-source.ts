import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { AddKeypairType1767225660000 } from '../../migrations/1767225660000-AddKeypairType.js';
import { CreateGuests1767225780000 } from '../../migrations/1767225780000-CreateGuests.js';
import { CreateKeypairs1767225600000 } from '../../migrations/1767225600000-CreateKeypairs.js';
import { CreateQuotas1767225840000 } from '../../migrations/1767225840000-CreateQuotas.js';
import { CreateRevokedTokens1767225720000 } from '../../migrations/1767225720000-CreateRevokedTokens.js';
import { OrderGuestAddresses1767225900000 } from '../../migrations/1767225900000-OrderGuestAddresses.js';
import { AddCreateIds1767225960000 } from '../../migrations/1767225960000-AddCreateIds.js';
import { CountGuests1767226020000 } from '../../migrations/1767226020000-CountGuests.js';
import { KeepLimitWithCount1767226080000 } from '../../migrations/1767226080000-KeepLimitWithCount.js';
import type { Config } from '../config/config.js';
import { withoutLineEnd } from '../config/settings.js';
import { readDatabaseUrl } from '../config/database-url.js';
import { EmbeddedConnection } from './embedded/embedded-connection.js';
import { IN_MEMORY } from './embedded/embedded-engine.js';
import { GuestAddress } from './entities/guest-address.entity.js';
import { GuestUsage } from './entities/guest-usage.entity.js';
import { Guest } from './entities/guest.entity.js';
import { Keypair } from './entities/keypair.entity.js';
import { KeypairUsage } from './entities/keypair-usage.entity.js';
import { postgresClient } from './postgres-client.js';
import { Quota } from './entities/quota.entity.js';
import { RevokedToken } from './entities/revoked-token.entity.js';

/**
 * The connection, entities and migrations, for the service and for TypeORM's command line. The statement timeout is 0, none, for
 * migrations, which may take long.
 */
export function dataSourceOptions(config: Config, statementTimeoutMs = 0): DataSourceOptions {
  return {
    type: 'postgres',
    entities: [Guest, GuestAddress, GuestUsage, Keypair, KeypairUsage, Quota, RevokedToken],
    migrations: [
      CreateKeypairs1767225600000,
      AddKeypairType1767225660000,
      CreateRevokedTokens1767225720000,
      CreateGuests1767225780000,
      CreateQuotas1767225840000,
      OrderGuestAddresses1767225900000,
      AddCreateIds1767225960000,
      CountGuests1767226020000,
      KeepLimitWithCount1767226080000,
    ],
    migrationsTransactionMode: 'each',
    ...(config.databaseUrl === undefined
      ? embeddedOptions(config)
      : externalOptions(config, config.databaseUrl, statementTimeoutMs)),
  };
}

function externalOptions(config: Config, text: string, statementTimeoutMs: number) {
  const { url, hosts, onlyWritable, tls } = readDatabaseUrl(text);
  const { dbTimeoutMs } = config;
  // Each server gets its share of the time, so that one that hangs leaves some for the others.
  const timeoutMs = Math.floor(dbTimeoutMs / (hosts.length + 1));
  return {
    url,
    applicationName: 'latchkey',
    poolSize: config.databasePoolSize,
    // A broken idle connection is replaced when it is needed; failures are reported then.
    poolErrorHandler: () => {},
    extra: {
      Client: postgresClient({ hosts, onlyWritable, tls, password: passwordReader(config), timeoutMs }),
      connectionTimeoutMillis: dbTimeoutMs,
      // Poolers refuse startup parameters that they do not know.
      ...(config.databaseListenUrl === undefined && { statement_timeout: statementTimeoutMs }),
      keepAlive: true,
    },
  };
}

/** The configuration with PostgreSQL itself as the database, where DATABASE_URL leads to a pooler. */
export function withoutPooler(config: Config): Config {
  const { databaseListenUrl } = config;
  if (databaseListenUrl === undefined) return config;
  return { ...config, databaseUrl: databaseListenUrl, databaseListenUrl: undefined };
}

/** A connection to PostgreSQL itself that is none of the pool. */
export function directClient(config: Config): Client {
  const direct = withoutPooler(config);
  const { url, applicationName, extra } = externalOptions(direct, direct.databaseUrl!, 0);
  return new extra.Client({ connectionString: url, application_name: applicationName, ...extra });
}

/** Reads a password that may change while the service runs; undefined if it is part of DATABASE_URL. */
function passwordReader({ databasePasswordFile, databaseUrlFile }: Config): (() => Promise<string>) | undefined {
  if (databasePasswordFile !== undefined)
    return async () => withoutLineEnd(await readFile(databasePasswordFile, 'utf8'));
  if (databaseUrlFile === undefined) return undefined;
  return async () => readDatabaseUrl((await readFile(databaseUrlFile, 'utf8')).trim()).password;
}

function embeddedOptions(config: Config) {
  const directory = embeddedDirectory(config);
  return {
    username: 'postgres',
    database: 'postgres',
    // The engine lives in its one connection: see EmbeddedConnection.
    extra: {
      max: 1,
      idleTimeoutMillis: 0,
      stream: () => new EmbeddedConnection(directory, config.embeddedFsync === 'on'),
    },
  };
}

/** Directory of the embedded database's files. */
export function embeddedDirectory(config: Config): string {
  return config.dataDir === IN_MEMORY ? IN_MEMORY : join(config.dataDir, 'database');
}
