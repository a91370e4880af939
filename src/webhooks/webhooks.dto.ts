import { OmitType } from '@nestjs/swagger';
import { PageQuery } from '../http/pages.js';
import {
  type Envelope,
  isBoolean,
  isDigits,
  isEach,
  isLong,
  isText,
  Optional,
  orNull,
  Rules,
  Strict,
} from '../http/shapes/shape.js';
import { isNote } from '../keypairs/records/record-rules.js';
import { areTypes, isProjectId, isUrl } from './webhook-rules.js';

/** The changed properties of a webhook. */
@Strict()
export class ChangedWebhook {
  /** An https URL of a public host, unless the operator permits others. */
  @Optional(isText, isUrl) url?: string;

  /** Event types, or categories such as `keypair.*`. */
  @Optional(areTypes) types?: string[];

  /** Whether it receives events. Disabling it drops its pending deliveries. */
  @Optional(isBoolean) enabled?: boolean;
  @Optional(orNull(isNote)) note?: string | null;

  /** Whether keypair events include `public_key`. */
  @Optional(isBoolean) include_public_key?: boolean;
}

/** A webhook to create. */
@Strict()
export class NewWebhook extends OmitType(ChangedWebhook, ['url', 'types']) {
  /** An https URL of a public host, unless the operator permits others. */
  @Rules(isText, isUrl) url: string;

  /** Event types, or categories such as `keypair.*`. */
  @Rules(areTypes) types: string[];

  /** The project whose events it receives; null for all users and projects (administrators only). Default: the project of the token. */
  @Optional(orNull(isProjectId)) project_id?: string | null;
}

export const newWebhook: Envelope<NewWebhook> = { property: 'webhook', shape: NewWebhook };
export const changedWebhook: Envelope<ChangedWebhook> = { property: 'webhook', shape: ChangedWebhook };

/** Which webhooks are listed. If a parameter is repeated, its last value counts. */
export class WebhooksQuery extends PageQuery {
  /** The id of the last webhook of the previous page. */
  @Optional(isEach(isLong(1, 18), isDigits)) marker?: string[];

  /** Default: the project of the token; for administrators, all webhooks. */
  @Optional(isEach(isText)) project_id?: string[];
}

/** Which deliveries are listed. If a parameter is repeated, its last value counts. */
export class DeliveriesQuery extends PageQuery {
  /** The id of the last delivery of the previous page. */
  @Optional(isEach(isLong(1, 18), isDigits)) marker?: string[];
}

/** A webhook has its id in the path. */
@Strict()
export class WebhookQuery {}
