import { Module } from '@nestjs/common';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { EmptyListsController } from './empty-lists.controller.js';

/** What is read of the compute API beside keypairs and limits. */
@Module({
  imports: [MicroversionsModule],
  controllers: [EmptyListsController],
})
export class ComputeModule {}
