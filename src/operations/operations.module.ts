import { Global, Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { HttpEdge } from '../http/listener/http-edge.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { AdminServer } from './admin.server.js';
import { Certificates } from './certificate-dates.js';
import { Health } from './health.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';

/** Health, metrics and the listener for operators. Global, since the application counts its responses. */
@Global()
@Module({
  imports: [AuditModule, PersistenceModule],
  controllers: [HealthController],
  providers: [AdminServer, Certificates, Health, HttpEdge, Metrics],
  exports: [Metrics],
})
export class OperationsModule {}
