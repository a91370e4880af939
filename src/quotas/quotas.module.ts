import { Module } from '@nestjs/common';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { LimitsController } from './limits.controller.js';
import { QuotaSetsController } from './quota-sets.controller.js';
import { QuotasService } from './quotas.service.js';

/** The APIs to set and to read limits. */
@Module({
  imports: [MicroversionsModule, PersistenceModule],
  controllers: [LimitsController, QuotaSetsController],
  providers: [QuotasService],
})
export class QuotasModule {}
