import { Module } from '@nestjs/common';
import { CryptoModule } from '../crypto/crypto.module.js';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { KeypairsController } from './keypairs.controller.js';
import { KeypairsService } from './keypairs.service.js';

/** The os-keypairs API. */
@Module({
  imports: [CryptoModule, MicroversionsModule, PersistenceModule],
  controllers: [KeypairsController],
  providers: [KeypairsService],
})
export class KeypairsModule {}
