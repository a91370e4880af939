import { hostname } from 'node:os';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { EventDispatcher } from '../events/event-dispatcher.js';
import type { StoredEvent } from '../persistence/repositories/event.repository.js';
import { Broker } from './broker.js';
import { notificationsOf } from './notification.js';

const NAME = 'notifications';

/** Sends Nova's notifications of keypairs to the message broker of NOTIFY_TRANSPORT_URL. */
@Injectable()
export class Notifier implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly broker: Broker | undefined;
  private readonly host = hostname();

  constructor(
    private readonly dispatcher: EventDispatcher,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { notifyTransportUrl: url, notifyDurable } = config;
    if (url !== undefined) this.broker = new Broker(url, notifyDurable);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.broker) this.dispatcher.start({ name: NAME, take: (events) => this.send(events) });
    // A consumer that was registered earlier would queue events forever.
    else await this.dispatcher.forget(NAME);
  }

  async onModuleDestroy(): Promise<void> {
    await this.broker?.close();
  }

  private async send(events: readonly StoredEvent[]): Promise<void> {
    const { notificationFormat } = this.config;
    const messages = events.flatMap((event) => notificationsOf(event, notificationFormat, this.host));
    if (messages.length === 0) return;
    await this.broker!.publish(
      messages.map(({ topic, message }) => ({
        topic,
        body: JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) }),
      })),
    );
  }
}
