import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { MicroversionGuard } from './microversion.guard.js';
import { VersionsController } from './versions.controller.js';

/** Which version a request gets, and discovery. */
@Module({
  imports: [HttpModule],
  controllers: [VersionsController],
  providers: [MicroversionGuard],
  exports: [HttpModule, MicroversionGuard],
})
export class MicroversionsModule {}
