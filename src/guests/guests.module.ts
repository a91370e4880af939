import { Module } from '@nestjs/common';
import { CryptoModule } from '../crypto/crypto.module.js';
import { MetadataModule } from '../metadata/metadata.module.js';
import { KeypairsModule } from '../keypairs/keypairs.module.js';
import { HttpModule } from '../http/http.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { ConfigDrives } from './config-drives.js';
import { GuestsController } from './guests.controller.js';
import { GuestsService } from './guests.service.js';
import { UnclaimedGuestsController } from './unclaimed-guests.controller.js';

/** The registry of guests, and their config drives. */
@Module({
  imports: [CryptoModule, KeypairsModule, MetadataModule, HttpModule, PersistenceModule],
  controllers: [GuestsController, UnclaimedGuestsController],
  providers: [ConfigDrives, GuestsService],
})
export class GuestsModule {}
