import { Module } from '@nestjs/common';
import { BaseUrl } from './base-url.js';
import { MicroversionGuard } from './microversion.guard.js';
import { VersionsController } from './versions.controller.js';

/** Which version a request gets, and discovery. */
@Module({
  controllers: [VersionsController],
  providers: [BaseUrl, MicroversionGuard],
  exports: [BaseUrl, MicroversionGuard],
})
export class MicroversionsModule {}
