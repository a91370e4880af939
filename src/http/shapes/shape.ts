import 'reflect-metadata';
import type { ClassConstructor } from 'class-transformer';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { getMetadataStorage, ValidateBy, ValidateIf, validateSync } from 'class-validator';
import { DomainError } from '../../domain/domain-error.js';
import { pythonRepr, pythonStr } from './python-value.js';

/**
 * Shapes: class-validator classes that say what clients may send, and the complaints of Nova's schema validator (jsonschema)
 * about what they did send. Of several complaints the client is told the first: those about properties that are there come
 * first, in the order of the class, then what is missing, then what is unknown.
 */

/** A body or query that is not as the shape says. */
export class InvalidShape extends DomainError {
  constructor(message: string) {
    super('malformed', message.replaceAll(PRIVATE_KEY, '(a private key, left out)'));
  }
}

/** Messages show the value that was sent. One sent by mistake is not shown again, whole or cut off. */
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;

/** What is wrong with a value, as the end of a sentence that begins with the field; undefined where nothing is. */
export interface Rule {
  (value: unknown): Violation | undefined;
  /** What OpenAPI can say of the rule. Of several rules all hold. */
  readonly schema?: object;
}

/** A rule with its words in OpenAPI. */
export const rule = (schema: object, check: (value: unknown) => Violation | undefined): Rule =>
  Object.assign((value: unknown) => check(value), { schema });

const schemaOf = (rules: readonly Rule[]): object => Object.assign({}, ...rules.map(({ schema }) => schema)) as object;

/** `whole` complaints are told as they stand; others after the field's name and value: `about`, or that of the field. */
export interface Violation {
  readonly says: string;
  readonly whole?: true;
  readonly about?: string;
}

/** Makes a property follow rules, checked in order, and tells them to OpenAPI. */
export function Rules(...rules: Rule[]): PropertyDecorator {
  const firstComplaint = (value: unknown): Violation | undefined => {
    for (const each of rules) {
      const complaint = each(value);
      if (complaint) return complaint;
    }
    return undefined;
  };
  const check = ValidateBy({
    name: 'follows',
    validator: {
      validate: (value) => firstComplaint(value) === undefined,
      defaultMessage: (about) => JSON.stringify(firstComplaint(about?.value)),
    },
  });
  const told = ApiProperty(schemaOf(rules));
  return (target, property) => {
    check(target, property);
    told(target, property);
  };
}

/** Makes a property one that may be left out. Unlike class-validator's IsOptional, null is a value and is checked. */
export function Optional(): PropertyDecorator {
  const check = ValidateIf((_, value) => value !== undefined);
  // To @nestjs/swagger `required` may be the list of what the value must have, `selfRequired` is of the property itself.
  const told = ApiProperty({ selfRequired: false } as ApiPropertyOptions);
  return (target, property) => {
    check(target, property);
    told(target, property);
  };
}

const CLOSED = Symbol('closed shape');

/** Makes a shape, and those that extend it, refuse properties that it does not know; without it they are dropped. */
export function Strict(): ClassDecorator {
  return (shape) => Reflect.defineMetadata(CLOSED, true, shape);
}

export const isText = rule({ type: 'string' }, (value) =>
  typeof value === 'string' ? undefined : { says: `${pythonRepr(value)} is not of type 'string'` },
);

/** Length in code points. */
export const isLong = (least: number, most: number): Rule =>
  rule({ minLength: least, ...(Number.isFinite(most) && { maxLength: most }) }, (value) => {
    const length = Array.from(value as string).length;
    if (length < least) return { says: `${pythonRepr(value)} is too short` };
    return length > most ? { says: `${pythonRepr(value)} is too long` } : undefined;
  });

export const isOneOf = (...choices: string[]): Rule =>
  rule({ enum: choices }, (value) =>
    choices.includes(value as string)
      ? undefined
      : { says: `${pythonRepr(value)} is not one of ${pythonRepr(choices)}` },
  );

/** Holds for each of the values that a query gives a parameter. */
export const isEach = (...rules: Rule[]): Rule =>
  rule({ type: 'array', items: schemaOf(rules) }, (values) => {
    for (const value of values as string[]) {
      const complaint = rules.map((each) => each(value)).find((each) => each !== undefined);
      if (complaint) return { ...complaint, about: value };
    }
    return undefined;
  });

export const isDigits = rule({ pattern: '^[0-9]*$' }, (value) =>
  /^[0-9]*$/.test(value as string) ? undefined : { says: `${pythonRepr(value)} does not match '^[0-9]*$'` },
);

/** A body wrapped in one property, as in `{"keypair": {...}}`. */
export interface Envelope<T extends object> {
  readonly property: string;
  readonly shape: ClassConstructor<T>;
}

/** Body a wrapped body. Throws {@link InvalidShape}. */
export function shapedBody<T extends object>({ property, shape }: Envelope<T>, body: unknown): T {
  if (!isObject(body)) throw new InvalidShape(notAnObject(body));
  if (!Object.hasOwn(body, property)) throw new InvalidShape(missing(property));
  const inside = body[property];
  const about = (says: string): InvalidShape => inField(property, inside, says);
  if (!isObject(inside)) throw about(notAnObject(inside));
  const instance = shaped(shape, inside, about, inField);
  const others = Object.keys(body).filter((name) => name !== property);
  if (isClosed(shape) && others.length > 0) throw new InvalidShape(unexpected(others));
  return instance;
}

/** What an empty query is in each shape. Most queries are empty, and nobody changes what came of one. */
const EMPTY_QUERIES = new WeakMap<object, object>();

/** Body the values of query parameters, each of which may be given several times. Throws {@link InvalidShape}. */
export function shapedQuery<T extends object>(shape: ClassConstructor<T>, query: object): Readonly<T> {
  if (Object.keys(query).length > 0) return readQueryShape(shape, query);
  let empty = EMPTY_QUERIES.get(shape) as T | undefined;
  if (!empty) {
    empty = Object.freeze(readQueryShape(shape, query));
    EMPTY_QUERIES.set(shape, empty);
  }
  return empty;
}

function readQueryShape<T extends object>(shape: ClassConstructor<T>, query: object): T {
  const inParameter = (name: string, value: unknown, says: string): InvalidShape =>
    new InvalidShape(`Invalid input for query parameters ${name}. Value: ${pythonStr(value)}. ${says}`);
  return shaped(shape, query, (says) => new InvalidShape(says), inParameter);
}

function shaped<T extends object>(
  shape: ClassConstructor<T>,
  value: object,
  aboutAll: (says: string) => InvalidShape,
  aboutOne: (name: string, value: unknown, says: string) => InvalidShape,
): T {
  const known = propertiesOf(shape);
  const instance = filled(shape, value, known);
  const errors = validateSync(instance, { forbidUnknownValues: false, validationError: { target: false } }).toSorted(
    (a, b) => known.get(a.property)! - known.get(b.property)!,
  );
  const wrong = errors.find(({ property }) => Object.hasOwn(value, property));
  if (wrong) {
    const complaint = JSON.parse(Object.values(wrong.constraints ?? {})[0]) as Violation;
    if (complaint.whole) throw new InvalidShape(complaint.says);
    throw aboutOne(wrong.property, complaint.about ?? wrong.value, complaint.says);
  }
  const [absent] = errors;
  if (absent) throw aboutAll(missing(absent.property));
  const unknown = Object.keys(value).filter((name) => !known.has(name));
  if (isClosed(shape) && unknown.length > 0) throw aboutAll(unexpected(unknown));
  return instance;
}

/**
 * A shape with the values as they were sent. class-transformer is not asked: it goes through what is nested in them, and fails
 * where that has a member called `constructor`.
 */
function filled<T extends object>(shape: ClassConstructor<T>, value: object, known: ReadonlyMap<string, number>): T {
  const entries = Object.entries(value).filter(([name]) => known.has(name));
  return Object.assign(new shape(), Object.fromEntries(entries));
}

/** The properties of a shape with their places in the order of declaration, those it inherits first. */
function propertiesOf(shape: ClassConstructor<object>): ReadonlyMap<string, number> {
  let properties = PROPERTIES.get(shape);
  if (!properties) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
    const parent = Object.getPrototypeOf(shape) as ClassConstructor<object>;
    const inherited = typeof parent === 'function' && parent.prototype ? [...propertiesOf(parent).keys()] : [];
    const names = new Set([...inherited, ...metadata.map(({ propertyName }) => propertyName)]);
    properties = new Map([...names].map((name, place) => [name, place]));
    PROPERTIES.set(shape, properties);
  }
  return properties;
}
const PROPERTIES = new WeakMap<object, ReadonlyMap<string, number>>();

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === null;
}

/** Whether a shape refuses what it does not know. */
export function isClosed(shape: object): boolean {
  return Reflect.getMetadata(CLOSED, shape) === true;
}

const notAnObject = (value: unknown): string => `${pythonRepr(value)} is not of type 'object'`;
const missing = (property: string): string => `${pythonRepr(property)} is a required property`;

function unexpected(names: string[]): string {
  const were = names.length === 1 ? 'was' : 'were';
  return `Additional properties are not allowed (${names.map(pythonRepr).join(', ')} ${were} unexpected)`;
}

function inField(name: string, value: unknown, says: string): InvalidShape {
  return new InvalidShape(`Invalid input for field/attribute ${name}. Value: ${pythonStr(value)}. ${says}`);
}
