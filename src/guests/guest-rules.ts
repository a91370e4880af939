import { unsafeCharacter } from '../crypto/unsafe-text.js';
import { pythonRepr } from '../http/shapes/python-value.js';
import { isJsonObject, PythonNumber } from '../http/shapes/read-json.js';
import { type Rule, rule } from '../http/shapes/shape.js';
import { guestAddress, lacksZone } from '../domain/ip-address.js';
import { flawOfNetworkData } from './network-data.js';

/** The rules of a guest's properties, beyond the general rules of shapes. */

const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const HOSTNAME = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Nova's limits of a server's metadata and user data. */
const MAX_METADATA_ENTRIES = 128;
const MAX_METADATA_LENGTH = 255;
const MAX_USER_DATA = 65_535;
const METADATA_NAME = /^[a-zA-Z0-9\-_:. ]+$/;
const MAX_ADDRESSES = 32;
const MAX_KEYS = 32;

/** A rule whose messages omit the value, which may be long or secret. */
const unquoted = (field: string, schema: object, check: (value: unknown) => string | undefined): Rule =>
  rule(schema, (value) => {
    const message = check(value);
    return message === undefined
      ? undefined
      : { message: `Invalid input for field/attribute ${field}. ${message}`, whole: true };
  });

export const isUuid = rule({ format: 'uuid' }, (value) =>
  UUID.test(value as string) ? undefined : { message: `${pythonRepr(value)} is not a 'uuid'` },
);

export const isHostname = rule({ pattern: HOSTNAME.source }, (value) =>
  HOSTNAME.test(value as string) ? undefined : { message: `${pythonRepr(value)} is not a 'hostname' (RFC 1123)` },
);

export const isPlainText: Rule = (value) => {
  const unsafe = unsafeCharacter(value as string);
  return unsafe === undefined ? undefined : { message: `It contains the character ${unsafe}, which is not allowed` };
};

/** A list of different texts. */
const areDifferent = (max: number, what: string, check: (each: string) => string | undefined): Rule =>
  rule({ type: 'array', items: { type: 'string' }, maxItems: max, uniqueItems: true }, (value) => {
    if (!Array.isArray(value)) return { message: `${pythonRepr(value)} is not of type 'array'` };
    const texts: readonly unknown[] = value;
    if (texts.length > max) return { message: `More than ${max} ${what} are too many` };
    for (const each of texts) {
      if (typeof each !== 'string') return { message: `${pythonRepr(each)} is not of type 'string'` };
      const message = check(each);
      if (message !== undefined) return { message };
    }
    return new Set(texts).size === texts.length
      ? undefined
      : { message: `${pythonRepr(value)} has non-unique elements` };
  });

function flawOfAddress(text: string): string | undefined {
  const address = guestAddress(text);
  if (address === undefined) return `${pythonRepr(text)} is not an IPv4 or IPv6 address`;
  if (lacksZone(address)) {
    return `${pythonRepr(text)} is a link-local address: add the interface of the service that faces the guest, as in ${address}%eth0`;
  }
  return isOfOneMachine(address) ? undefined : `${pythonRepr(text)} is not the address of a machine`;
}

export const isAddress: Rule = (value) => {
  const message = flawOfAddress(value as string);
  return message === undefined ? undefined : { message };
};

export const areKeyNames = areDifferent(MAX_KEYS, 'keypairs', () => undefined);

/** An account as useradd(8) takes it: no path, no pattern, no option. */
const ACCOUNT = /^[a-z_][a-z0-9_.-]{0,31}$/;
const MAX_ACCOUNTS = 16;

export const areLoginUsers = areDifferent(MAX_ACCOUNTS, 'accounts', (name) =>
  ACCOUNT.test(name) ? undefined : `${pythonRepr(name)} is not the name of an account, such as 'debian'`,
);

export const isSshCa = rule({ oneOf: [{ type: 'boolean' }, { type: 'string', enum: ['sshd'] }] }, (value) =>
  typeof value === 'boolean' || value === 'sshd'
    ? undefined
    : { message: `${pythonRepr(value)} is not one of [False, True, 'sshd']` },
);

const areOfMachines = areDifferent(MAX_ADDRESSES, 'addresses', flawOfAddress);

/** Addresses of one machine each, without duplicates in any spelling. */
export const areAddresses = rule(areOfMachines.schema!, (value) => {
  const violation = areOfMachines(value);
  if (violation) return violation;
  const canonical = (value as string[]).map((each) => guestAddress(each));
  return new Set(canonical).size === canonical.length
    ? undefined
    : { message: `${pythonRepr(value)} has non-unique elements` };
});

/** Neither unspecified, nor multicast, nor broadcast. */
function isOfOneMachine(address: string): boolean {
  if (address.includes(':')) return address !== '::' && !address.startsWith('ff');
  const first = Number(address.split('.', 1)[0]);
  return first > 0 && first < 224;
}

const METADATA_SCHEMA = {
  type: 'object',
  additionalProperties: { type: 'string', maxLength: MAX_METADATA_LENGTH },
  maxProperties: MAX_METADATA_ENTRIES,
};

export const isMetadata = unquoted('metadata', METADATA_SCHEMA, (value) => {
  if (!isJsonObject(value)) return `It is not of type 'object'.`;
  const names = Object.keys(value);
  if (names.length > MAX_METADATA_ENTRIES) return `More than ${MAX_METADATA_ENTRIES} entries are too many.`;
  for (const name of names) {
    const text = value[name];
    if (!METADATA_NAME.test(name) || name.length > MAX_METADATA_LENGTH) {
      return `${pythonRepr(name)} is no name: letters, digits, spaces and "-_:." are, up to ${MAX_METADATA_LENGTH} of them.`;
    }
    if (typeof text !== 'string') return `The value of ${pythonRepr(name)} is not of type 'string'.`;
    if (text.length > MAX_METADATA_LENGTH) {
      return `The value of ${pythonRepr(name)} is longer than ${MAX_METADATA_LENGTH} characters.`;
    }
  }
  return undefined;
});

const USER_DATA_SCHEMA = { type: 'string', format: 'byte', minLength: 4, maxLength: MAX_USER_DATA };

export const isUserData = unquoted('user_data', USER_DATA_SCHEMA, (value) => {
  if (typeof value !== 'string') return `It is not of type 'string'.`;
  if (value.length > MAX_USER_DATA) return `It is longer than ${MAX_USER_DATA} characters.`;
  return value !== '' && BASE64.test(value) ? undefined : 'It is not base64, as "base64 -w0 FILE" writes it.';
});

export const isVendorData = unquoted('vendor_data', { type: 'object', additionalProperties: true }, (value) =>
  isJsonObject(value) ? flawOfJson(value) : `It is not of type 'object'.`,
);

/** A list of objects with at least these texts. */
const entries = (...required: string[]): object => ({
  type: 'array',
  items: {
    type: 'object',
    required,
    properties: Object.fromEntries(required.map((name) => [name, { type: 'string', minLength: 1 }])),
    additionalProperties: true,
  },
});

const NETWORK_DATA_SCHEMA = {
  type: 'object',
  required: ['links', 'networks'],
  properties: { links: entries('id', 'type'), networks: entries('id', 'type', 'link'), services: entries('type') },
  additionalProperties: false,
};

export const isNetworkData = unquoted('network_data', NETWORK_DATA_SCHEMA, (value) =>
  isJsonObject(value) ? (flawOfNetworkData(value) ?? flawOfJson(value)) : `It is not of type 'object'.`,
);

/** Refuses numbers that JavaScript and the agents' languages would read as different values. */
function flawOfJson(value: unknown): string | undefined {
  if (value instanceof PythonNumber && !Number.isFinite(Number(value.shown))) return `${value.shown} is not a number.`;
  if (value instanceof PythonNumber && !value.shown.endsWith('.0')) return `${value.shown} is too large a number.`;
  if (typeof value !== 'object' || value === null || value instanceof PythonNumber) return undefined;
  for (const each of Object.values(value)) {
    const flaw = flawOfJson(each);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}
