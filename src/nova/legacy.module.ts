import { Module } from '@nestjs/common';
import { MicroversionsModule } from './microversions.module.js';
import { ExtensionsController } from './extensions.controller.js';

/** What clients from before microversions request besides keypairs. */
@Module({
  imports: [MicroversionsModule],
  controllers: [ExtensionsController],
})
export class LegacyModule {}
