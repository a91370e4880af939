import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { EventDispatcher } from './event-dispatcher.js';
import { EventsController } from './events.controller.js';
import { EventsService } from './events.service.js';

/** The events of changes, from the outbox. */
@Module({
  imports: [HttpModule, PersistenceModule],
  controllers: [EventsController],
  providers: [EventDispatcher, EventsService],
  exports: [EventDispatcher],
})
export class EventsModule {}
