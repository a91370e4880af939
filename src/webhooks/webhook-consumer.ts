import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { EVENT_TYPES } from '../domain/event-type.js';
import { projectOf } from '../domain/keypair-owner.js';
import { type EventConsumer, EventDispatcher } from '../events/event-dispatcher.js';
import { showEventData } from '../events/events.view.js';
import type { StoredEvent } from '../persistence/repositories/event.repository.js';
import {
  type OutgoingEvent,
  WebhookDeliveryRepository,
} from '../persistence/repositories/webhook-delivery.repository.js';
import { CONSUMER } from '../persistence/repositories/webhook.repository.js';
import { WebhookSender } from './webhook-sender.js';

/** Turns events into deliveries. What enables a webhook registers it, so without one no event is written for it. */
@Injectable()
export class WebhookConsumer implements EventConsumer, OnApplicationBootstrap {
  readonly name = CONSUMER;
  readonly isRegisteredElsewhere = true;

  constructor(
    private readonly dispatcher: EventDispatcher,
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly sender: WebhookSender,
  ) {}

  onApplicationBootstrap(): void {
    this.dispatcher.start(this);
  }

  async take(events: readonly StoredEvent[]): Promise<void> {
    if ((await this.deliveries.addEvents(events.map(outgoing))) > 0) this.sender.wake();
  }
}

function outgoing(event: StoredEvent): OutgoingEvent {
  const { eventId, owner, type, at, data } = event;
  const shown = showEventData(event);
  const body = (content: object): string => JSON.stringify({ type, timestamp: at, data: content });
  return {
    eventId,
    owner,
    projectId: projectOf(owner) ?? null,
    type,
    kind: `${EVENT_TYPES[type].kind}.*`,
    body: body(shown),
    bodyWithKey: body('public_key' in data ? { ...shown, public_key: data.public_key } : shown),
  };
}
