import { Global, Module } from '@nestjs/common';
import { HttpEdge } from '../http/http-edge.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { AdminServer } from './admin.server.js';
import { Audit } from './audit.js';
import { Certificates } from './certificate-dates.js';
import { Health } from './health.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';

/** What operators look at. Global, since every change is audited. */
@Global()
@Module({
  imports: [PersistenceModule],
  controllers: [HealthController],
  providers: [AdminServer, Audit, Certificates, Health, HttpEdge, Metrics],
  exports: [Audit, Metrics],
})
export class OperationsModule {}
