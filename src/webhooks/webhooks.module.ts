import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { EventsModule } from '../events/events.module.js';
import { HttpModule } from '../http/http.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { PublicAddresses } from './public-addresses.js';
import { WebhookConsumer } from './webhook-consumer.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** Webhooks: URLs that receive events. */
@Module({
  imports: [EventsModule, HttpModule, PersistenceModule],
  controllers: [WebhooksController],
  providers: [
    {
      provide: PublicAddresses,
      inject: [CONFIG],
      useFactory: ({ webhookNetworks }: Config) => new PublicAddresses(webhookNetworks),
    },
    WebhookConsumer,
    WebhookSender,
    WebhooksService,
  ],
})
export class WebhooksModule {}
