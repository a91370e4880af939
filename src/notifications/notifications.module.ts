import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { Notifier } from './notifier.js';

/** Nova's notifications, over AMQP. */
@Module({ imports: [EventsModule], providers: [Notifier] })
export class NotificationsModule {}
