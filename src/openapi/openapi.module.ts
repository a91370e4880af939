import { Module } from '@nestjs/common';
import { MicroversionsModule } from '../nova/microversions.module.js';
import { OpenApiController } from './openapi.controller.js';

/** What the API is, for programs. */
@Module({
  imports: [MicroversionsModule],
  controllers: [OpenApiController],
})
export class OpenApiModule {}
