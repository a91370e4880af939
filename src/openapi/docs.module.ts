import { Module } from '@nestjs/common';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { DocsController } from './docs.controller.js';

/** What the API is, for people. */
@Module({
  imports: [MicroversionsModule],
  controllers: [DocsController],
})
export class DocsModule {}
