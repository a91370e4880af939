import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, Pool } from 'pg';
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
import { AddKeypairDetails1767226200000 } from '../../migrations/1767226200000-AddKeypairDetails.js';
import { AddProjectKeypairs1767226410000 } from '../../migrations/1767226410000-AddProjectKeypairs.js';
import { AddFollowKeys1767226420000 } from '../../migrations/1767226420000-AddFollowKeys.js';
import { CreateApplicationCredentials1767226500000 } from '../../migrations/1767226500000-CreateApplicationCredentials.js';
import { CreateIdentity1767226600000 } from '../../migrations/1767226600000-CreateIdentity.js';
import { AddGuestFetches1767226700000 } from '../../migrations/1767226700000-AddGuestFetches.js';
import { IndexGuestKeys1767226710000 } from '../../migrations/1767226710000-IndexGuestKeys.js';
import { CreateGuestHostKeys1767227100000 } from '../../migrations/1767227100000-CreateGuestHostKeys.js';
import { CreateGuestNoCloudTokens1767227300000 } from '../../migrations/1767227300000-CreateGuestNoCloudTokens.js';
import { CreateSshCertificates1767227400000 } from '../../migrations/1767227400000-CreateSshCertificates.js';
import { CreateEventQueue1767227600000 } from '../../migrations/1767227600000-CreateEventQueue.js';
import { CreateWebhooks1767227700000 } from '../../migrations/1767227700000-CreateWebhooks.js';
import { CreateEvents1767227500000 } from '../../migrations/1767227500000-CreateEvents.js';
import { CreateOneTimeCodes1767226800000 } from '../../migrations/1767226800000-CreateOneTimeCodes.js';
import type { Config } from '../config/config.js';
import { withoutLineEnd } from '../config/settings.js';
import { readDatabaseUrl } from '../config/database-url.js';
import { EmbeddedConnection } from './embedded/embedded-connection.js';
import { IN_MEMORY } from './embedded/embedded-engine.js';
import { ApplicationCredential } from './entities/application-credential.entity.js';
import { ApplicationCredentialUsage } from './entities/application-credential-usage.entity.js';
import { EventConsumer } from './entities/event-consumer.entity.js';
import { Event } from './entities/event.entity.js';
import { GuestAddress } from './entities/guest-address.entity.js';
import { GuestFetch } from './entities/guest-fetch.entity.js';
import { GuestHostKeys } from './entities/guest-host-keys.entity.js';
import { GuestNoCloudToken } from './entities/guest-nocloud-token.entity.js';
import { GuestUsage } from './entities/guest-usage.entity.js';
import { Guest } from './entities/guest.entity.js';
import { IdentityAssignment } from './entities/identity-assignment.entity.js';
import { IdentityProject } from './entities/identity-project.entity.js';
import { IdentityUser } from './entities/identity-user.entity.js';
import { Keypair } from './entities/keypair.entity.js';
import { KeypairDetails } from './entities/keypair-details.entity.js';
import { KeypairUsage } from './entities/keypair-usage.entity.js';
import { KeypairVersion } from './entities/keypair-version.entity.js';
import { OneTimeCode } from './entities/one-time-code.entity.js';
import { postgresClient } from './postgres-client.js';
import { QueuedEvent } from './entities/queued-event.entity.js';
import { Quota } from './entities/quota.entity.js';
import { RevokedToken } from './entities/revoked-token.entity.js';
import { SshCertificate } from './entities/ssh-certificate.entity.js';
import { WebhookDelivery } from './entities/webhook-delivery.entity.js';
import { WebhookUsage } from './entities/webhook-usage.entity.js';
import { Webhook } from './entities/webhook.entity.js';

/**
 * The connection, entities and migrations, for the service and for TypeORM's command line. The statement timeout is 0, none, for
 * migrations, which may take long.
 */
export function dataSourceOptions(config: Config, statementTimeoutMs = 0): DataSourceOptions {
  return {
    type: 'postgres',
    entities: [
      ApplicationCredential,
      ApplicationCredentialUsage,
      Event,
      EventConsumer,
      Guest,
      GuestAddress,
      GuestFetch,
      GuestHostKeys,
      GuestNoCloudToken,
      GuestUsage,
      IdentityAssignment,
      IdentityProject,
      IdentityUser,
      Keypair,
      KeypairDetails,
      KeypairUsage,
      KeypairVersion,
      OneTimeCode,
      QueuedEvent,
      Quota,
      RevokedToken,
      SshCertificate,
      Webhook,
      WebhookDelivery,
      WebhookUsage,
    ],
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
      AddKeypairDetails1767226200000,
      AddProjectKeypairs1767226410000,
      AddFollowKeys1767226420000,
      CreateApplicationCredentials1767226500000,
      CreateIdentity1767226600000,
      AddGuestFetches1767226700000,
      IndexGuestKeys1767226710000,
      CreateOneTimeCodes1767226800000,
      CreateGuestHostKeys1767227100000,
      CreateGuestNoCloudTokens1767227300000,
      CreateSshCertificates1767227400000,
      CreateEvents1767227500000,
      CreateEventQueue1767227600000,
      CreateWebhooks1767227700000,
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
  // The one that listens for changes.
  const others = config.databaseListenUrl === undefined || config.databaseListenUrl === text ? 1 : 0;
  return {
    url,
    applicationName: 'latchkey',
    poolSize: config.databasePoolSize,
    // A broken idle connection is replaced when it is needed; failures are reported then.
    poolErrorHandler: () => {},
    extra: {
      Client: postgresClient({ hosts, onlyWritable, tls, password: passwordReader(config), timeoutMs, others }),
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

/** Connections to the standbys of DATABASE_READ_URL. */
export function standbyPool(config: Config): Pool {
  const { url, applicationName, poolSize, extra } = externalOptions(
    config,
    config.databaseReadUrl!,
    config.dbTimeoutMs,
  );
  const pool = new Pool({ connectionString: url, application_name: applicationName, max: poolSize, ...extra });
  // A broken idle connection is replaced when it is needed; failures are reported then.
  pool.on('error', () => {});
  return pool;
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
