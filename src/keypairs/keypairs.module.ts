import { Module } from '@nestjs/common';
import { CryptoModule } from '../crypto/crypto.module.js';
import { MetadataModule } from '../metadata/metadata.module.js';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { KeypairsController } from './keypairs.controller.js';
import { KeypairsService } from './keypairs.service.js';
import { ExpiryWarnings } from './records/expiry-warnings.js';
import { FillDigests } from './records/fill-digests.js';
import { RecordActionsController } from './records/record-actions.controller.js';
import { RecordsOfProjects, RecordsOfUsers } from './records/records.controller.js';
import { KeypairRecordsService } from './records/records.service.js';
import { SharedKeypairs } from './shared-keypairs.js';

/** The os-keypairs API, and the life of keypairs. */
@Module({
  imports: [CryptoModule, MetadataModule, MicroversionsModule, PersistenceModule],
  controllers: [KeypairsController, RecordsOfUsers, RecordsOfProjects, RecordActionsController],
  providers: [ExpiryWarnings, FillDigests, KeypairRecordsService, KeypairsService, SharedKeypairs],
  exports: [SharedKeypairs],
})
export class KeypairsModule {}
