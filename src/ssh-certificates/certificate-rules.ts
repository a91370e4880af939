import { canonicalNetwork } from '../domain/ip-address.js';
import { readDuration } from '../domain/utc-time.js';
import { pythonRepr } from '../http/shapes/python-value.js';
import { type Rule, rule } from '../http/shapes/shape.js';
import { UUID } from '../guests/guest-rules.js';
import { PRINCIPAL } from '../ssh-ca/principals.js';

/** The rules for requested certificates, in addition to the general rules of shapes. */

/** OpenSSH reads no more of them. */
export const MAX_PRINCIPALS = 256;
const MAX_NETWORKS = 64;

/** What a certificate may permit (ssh-keygen(1), CERTIFICATES). */
export const EXTENSIONS = [
  'permit-X11-forwarding',
  'permit-agent-forwarding',
  'permit-port-forwarding',
  'permit-pty',
  'permit-user-rc',
];

/** A list of different texts. */
const areTexts = (items: object, min: number, max: number, isGood: (text: string) => boolean, example: string): Rule =>
  rule(
    { type: 'array', items: { type: 'string', ...items }, minItems: min, maxItems: max, uniqueItems: true },
    (value) => {
      if (!Array.isArray(value)) return { message: `${pythonRepr(value)} is not of type 'array'` };
      const texts: readonly unknown[] = value;
      if (texts.length < min || texts.length > max) return { message: `From ${min} to ${max} entries are allowed` };
      const bad = texts.find((each) => typeof each !== 'string' || !isGood(each));
      if (bad !== undefined) return { message: `${pythonRepr(bad)} is not ${example}` };
      return new Set(texts).size === texts.length
        ? undefined
        : { message: `${pythonRepr(value)} has non-unique elements` };
    },
  );

export const areGuestIds = areTexts({ format: 'uuid' }, 1, MAX_PRINCIPALS, (id) => UUID.test(id), 'the id of a guest');

export const arePrincipals = areTexts(
  { pattern: PRINCIPAL.source },
  1,
  MAX_PRINCIPALS,
  (name) => PRINCIPAL.test(name),
  'a principal: up to 255 letters, digits and "@._:+-"',
);

export const areNetworks = areTexts(
  {},
  1,
  MAX_NETWORKS,
  (text) => canonicalNetwork(text) !== undefined,
  'a network in CIDR notation without bits beyond its prefix, such as 10.0.0.0/8',
);

export const areExtensions = areTexts(
  { enum: EXTENSIONS },
  0,
  EXTENSIONS.length,
  (name) => EXTENSIONS.includes(name),
  `one of ${EXTENSIONS.join(', ')}`,
);

export const isTtl = rule({ pattern: '^(\\d{1,6}[mhdw]|P[0-9WDTHM]+)$' }, (value) =>
  (readDuration(value as string) ?? 0) > 0
    ? undefined
    : { message: `${pythonRepr(value)} is not a duration, such as 30m, 8h or PT8H` },
);
