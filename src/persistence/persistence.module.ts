import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { ApplicationCredentialRepository } from './repositories/application-credential.repository.js';
import { ChangeFeed } from './change-feed.js';
import { dataSourceOptions } from './data-source.js';
import { Database } from './database.js';
import { EventQueueRepository } from './repositories/event-queue.repository.js';
import { EventRepository } from './repositories/event.repository.js';
import { GuestRepository } from './repositories/guest.repository.js';
import { IdentityRepository } from './repositories/identity.repository.js';
import { KeypairRecordRepository } from './repositories/keypair-record.repository.js';
import { KeypairRepository } from './repositories/keypair.repository.js';
import { MigrationCheck } from './migration-check.js';
import { OneTimeCodeRepository } from './repositories/one-time-code.repository.js';
import { openDataSource } from './open-data-source.js';
import { QuotaRepository } from './repositories/quota.repository.js';
import { RevokedTokenRepository } from './repositories/revoked-token.repository.js';
import { SshCertificateRepository } from './repositories/ssh-certificate.repository.js';
import { WebhookDeliveryRepository } from './repositories/webhook-delivery.repository.js';
import { WebhookRepository } from './repositories/webhook.repository.js';

/** The database and its repositories. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({ ...dataSourceOptions(config, config.dbTimeoutMs), retryAttempts: 0 }),
      dataSourceFactory: (options) => openDataSource(options!),
    }),
  ],
  providers: [
    ApplicationCredentialRepository,
    ChangeFeed,
    Database,
    EventQueueRepository,
    EventRepository,
    GuestRepository,
    IdentityRepository,
    KeypairRecordRepository,
    KeypairRepository,
    MigrationCheck,
    OneTimeCodeRepository,
    QuotaRepository,
    RevokedTokenRepository,
    SshCertificateRepository,
    WebhookDeliveryRepository,
    WebhookRepository,
  ],
  exports: [
    ApplicationCredentialRepository,
    ChangeFeed,
    Database,
    EventQueueRepository,
    EventRepository,
    GuestRepository,
    IdentityRepository,
    KeypairRecordRepository,
    KeypairRepository,
    MigrationCheck,
    OneTimeCodeRepository,
    QuotaRepository,
    RevokedTokenRepository,
    SshCertificateRepository,
    WebhookDeliveryRepository,
    WebhookRepository,
  ],
})
export class PersistenceModule {}
