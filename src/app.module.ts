import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from './config/config.js';
import { ComputeModule } from './compute/compute.module.js';
import { ConsoleModule } from './console/console.module.js';
import { EventsModule } from './events/events.module.js';
import { GuestsModule } from './guests/guests.module.js';
import { IdentityModule } from './identity/identity.module.js';
import { KeypairsModule } from './keypairs/keypairs.module.js';
import { LegacyModule } from './nova/legacy.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { UnclaimedController } from './nova/unclaimed.controller.js';
import { DocsModule } from './openapi/docs.module.js';
import { OpenApiModule } from './openapi/openapi.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { QuotasModule } from './quotas/quotas.module.js';
import { SshCertificatesModule } from './ssh-certificates/ssh-certificates.module.js';
import { TracingModule } from './tracing/tracing.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** The module graph. */
@Global()
@Module({
  imports: [
    ComputeModule,
    EventsModule,
    GuestsModule,
    KeypairsModule,
    LegacyModule,
    NotificationsModule,
    OpenApiModule,
    OperationsModule,
    QuotasModule,
    SshCertificatesModule,
    WebhooksModule,
  ],
  controllers: [UnclaimedController],
})
export class AppModule {
  /** The application with a configuration, which every module may inject. */
  static with(config: Config): DynamicModule {
    return {
      module: AppModule,
      imports: [
        IdentityModule.with(config),
        TracingModule,
        ...(config.docs ? [DocsModule] : []),
        ...(config.console ? [ConsoleModule.with(config)] : []),
      ],
      providers: [{ provide: CONFIG, useValue: config }],
      exports: [CONFIG],
    };
  }
}
