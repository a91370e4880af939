import { EVENT_FILTERS } from '../domain/event-type.js';
import { areKeys } from '../domain/storable.js';
import { pythonRepr } from '../http/shapes/python-value.js';
import { isLongerThan, type Rule, rule } from '../http/shapes/shape.js';

/** The rules of what clients set on webhooks, beyond the general rules of shapes. */

export const MAX_URL = 2000;

/** The URL as the service understands it. Whether it is permitted depends on settings: see webhooks.service.ts. */
export const isUrl: Rule = rule({ format: 'uri', maxLength: MAX_URL }, (value) => {
  const text = value as string;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.hash === '';
  return isPlain && text.length <= MAX_URL
    ? undefined
    : {
        message: `It is not a URL of at most ${MAX_URL} characters with https, and without a user, password and fragment`,
      };
});

/** As long as the id of an owner may be. */
const MAX_PROJECT_ID = 240;

export const isProjectId: Rule = rule({ type: 'string', minLength: 1, maxLength: MAX_PROJECT_ID }, (value) =>
  typeof value === 'string' && value.length > 0 && areKeys(value) && !isLongerThan(MAX_PROJECT_ID, value)
    ? undefined
    : { message: `${pythonRepr(value)} is not the id of a project` },
);

export const areTypes: Rule = rule(
  { type: 'array', items: { type: 'string', enum: EVENT_FILTERS }, minItems: 1, maxItems: EVENT_FILTERS.length },
  (value) => {
    if (!Array.isArray(value)) return { message: `${pythonRepr(value)} is not of type 'array'` };
    const filters: readonly unknown[] = value;
    if (filters.length === 0) return { message: 'At least one type is needed' };
    const bad = filters.find((each) => !EVENT_FILTERS.includes(each as string));
    if (bad !== undefined || filters.includes(undefined))
      return { message: `${pythonRepr(bad)} is not one of ${pythonRepr(EVENT_FILTERS)}` };
    return new Set(filters).size === filters.length
      ? undefined
      : { message: `${pythonRepr(value)} has non-unique elements` };
  },
);
