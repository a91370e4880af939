import { join } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import { AddKeypairType1767225660000 } from '../../migrations/1767225660000-AddKeypairType.js';
import { CreateGuests1767225780000 } from '../../migrations/1767225780000-CreateGuests.js';
import { CreateKeypairs1767225600000 } from '../../migrations/1767225600000-CreateKeypairs.js';
import { CreateQuotas1767225840000 } from '../../migrations/1767225840000-CreateQuotas.js';
import { CreateRevokedTokens1767225720000 } from '../../migrations/1767225720000-CreateRevokedTokens.js';
import type { Config } from '../config/config.js';
import { EmbeddedConnection } from './embedded/embedded-connection.js';
import { IN_MEMORY } from './embedded/embedded-engine.js';
import { GuestAddress } from './guest-address.entity.js';
import { Guest } from './guest.entity.js';
import { Keypair } from './keypair.entity.js';
import { KeypairUsage } from './keypair-usage.entity.js';
import { Quota } from './quota.entity.js';
import { RevokedToken } from './revoked-token.entity.js';

/** Milliseconds to wait for a connection, and for a statement, before the database counts as unavailable. */
const CONNECT_TIMEOUT = 5_000;
const STATEMENT_TIMEOUT = 10_000;

/** Where the database is and what is in it, for the service and for TypeORM's command line alike. */
export function dataSourceOptions(config: Config): DataSourceOptions {
  return {
    type: 'postgres',
    entities: [Guest, GuestAddress, Keypair, KeypairUsage, Quota, RevokedToken],
    migrations: [
      CreateKeypairs1767225600000,
      AddKeypairType1767225660000,
      CreateRevokedTokens1767225720000,
      CreateGuests1767225780000,
      CreateQuotas1767225840000,
    ],
    migrationsTransactionMode: 'each',
    ...(config.databaseUrl === undefined ? embedded(config) : external(config, config.databaseUrl)),
  };
}

function external(config: Config, url: string) {
  return {
    url,
    applicationName: 'latchkey',
    poolSize: config.databasePoolSize,
    extra: { connectionTimeoutMillis: CONNECT_TIMEOUT, statement_timeout: STATEMENT_TIMEOUT },
  };
}

function embedded(config: Config) {
  const directory = embeddedDirectory(config);
  return {
    username: 'postgres',
    database: 'postgres',
    // The engine lives in its one connection: see EmbeddedConnection.
    extra: { max: 1, idleTimeoutMillis: 0, stream: () => new EmbeddedConnection(directory) },
  };
}

/** Directory of the embedded database's files. */
export function embeddedDirectory(config: Config): string {
  return config.dataDir === IN_MEMORY ? IN_MEMORY : join(config.dataDir, 'database');
}
