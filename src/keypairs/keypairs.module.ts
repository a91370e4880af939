import { Module } from '@nestjs/common';
import { CryptoModule } from '../crypto/crypto.module.js';
import { MetadataModule } from '../metadata/metadata.module.js';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { KeypairsController } from './keypairs.controller.js';
import { KeypairsService } from './keypairs.service.js';
import { ExpiryWarnings } from './records/expiry-warnings.js';
import { FillDigests } from './records/fill-digests.js';
import { ProjectRecordsController } from './records/project-records.controller.js';
import { RecordActionsController } from './records/record-actions.controller.js';
import { RecordRoutes } from './records/record-routes.js';
import { KeypairRecordsController } from './records/records.controller.js';
import { KeypairRecordsService } from './records/records.service.js';
import { SharedKeypairs } from './shared-keypairs.js';

/** The os-keypairs API, and the life of keypairs. */
@Module({
  imports: [CryptoModule, MetadataModule, MicroversionsModule, PersistenceModule],
  controllers: [KeypairsController, KeypairRecordsController, ProjectRecordsController, RecordActionsController],
  providers: [ExpiryWarnings, FillDigests, KeypairRecordsService, KeypairsService, RecordRoutes, SharedKeypairs],
  exports: [SharedKeypairs],
})
export class KeypairsModule {}
