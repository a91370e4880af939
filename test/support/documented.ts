import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';
import { readMicroversion } from '../../src/microversions/microversion.js';
import { documentFor, writtenDocuments } from '../../src/openapi/documents.js';
import type { Reply, WireRequest } from './client.js';

/** Holds answers against the OpenAPI document of their microversion: status, headers and body. */

const documents = writtenDocuments();
const ajv = new Ajv({ strict: false, allErrors: true });
ajvFormats.default(ajv);
for (const [name, document] of documents) ajv.addSchema(document, name);

interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** What is in an answer that its document does not say, a sentence each. */
export function undocumented(wire: WireRequest, reply: Reply): string[] {
  const path = wire.target.split('?')[0];
  const [, api, rest] = /^\/(v2|v2\.1)(\/.+)$/.exec(path) ?? [];
  if (rest === undefined || !isDecodable(path) || isBeforeAnyOperation(reply)) return [];
  const template = templateOf(rest) ?? templateOf(rest.replace(PROJECT, ''));
  if (template === undefined) return [];
  const problems = documentsOf(api, reply).map((document) => problemsWith(document, template, wire.method, reply));
  // Answers at /v2 are those of one of its two documents; a test that switches the extension off says so itself.
  return problems.find((each) => each.length === 0) ?? problems[0];
}

/** A project in front of the path; `extensions` is none. */
const PROJECT = /^\/(?!extensions\/)[^/]+(?=\/)/;

const TEMPLATES = Object.keys(documents.get('2.1')!.paths);

function templateOf(path: string): string | undefined {
  return TEMPLATES.find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
}

function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

/** The router's 404, which is no fault of Nova's, and the refusals of Node's HTTP parser. */
function isBeforeAnyOperation({ status, headers }: Reply): boolean {
  const isFault = headers['content-type'] === 'application/json; charset=UTF-8';
  return (status === 404 && !isFault) || (status >= 400 && headers.connection === 'close');
}

function documentsOf(api: string, { headers }: Reply): string[] {
  if (api === 'v2') return ['v2', 'v2-plain'];
  const version = headers['x-openstack-nova-api-version'];
  // An answer before the version was read, or to one that is not offered, is the same in every document.
  const isKnown = version !== undefined && /^2\.[1-9]\d*$/.test(version);
  return [isKnown ? documentFor(readMicroversion(version), documents.keys()) : '2.1'];
}

function problemsWith(name: string, path: string, method: string, reply: Reply): string[] {
  const document = documents.get(name)!;
  const operation = document.paths[path]?.[method.toLowerCase() as 'get'];
  if (!operation) return [];
  const at = `${name}: ${method} ${path} ${reply.status}`;
  const given = operation.responses[String(reply.status)] as Response | undefined;
  if (!given) return [`${at} is no status that is documented`];
  const { $ref: pointer = pointerTo('paths', path, method.toLowerCase(), 'responses', String(reply.status)) } = given;
  const response = (given.$ref === undefined ? given : resolved(document, given.$ref)) as Response;
  return [...headerProblems(document, response, reply), ...bodyProblems(name, pointer, response, reply)].map(
    (problem) => `${at}: ${problem}`,
  );
}

function headerProblems(document: OpenAPIObject, { headers = {} }: Response, reply: Reply): string[] {
  return Object.entries(headers).flatMap(([name, { $ref }]) => {
    const value = reply.headers[name.toLowerCase()];
    if (value === undefined) return [`no header ${name}`];
    const { schema } = resolved(document, $ref) as { schema: { pattern?: string } };
    return new RegExp(schema.pattern ?? '', 'u').test(value) ? [] : [`header ${name} is ${value}`];
  });
}

function bodyProblems(name: string, pointer: string, { content }: Response, reply: Reply): string[] {
  if (content === undefined) return reply.text === '' ? [] : ['a body where none is documented'];
  // Who accepts Nova's own media type alone gets JSON under that name.
  const type = reply.headers['content-type'].split(';')[0].replace('vnd.openstack.compute+json', 'json');
  if (!(type in content)) return [`the content type is ${type}`];
  if (type !== 'application/json') return [];
  const validate = validatorOf(`${name}${pointer}/content/application~1json/schema`);
  if (validate(reply.body)) return [];
  return validate.errors!.map(({ instancePath, message }) => `the body ${instancePath} ${message}`);
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(reference: string): ValidateFunction {
  const known = validators.get(reference) ?? ajv.compile({ $ref: reference });
  validators.set(reference, known);
  return known;
}

const pointerTo = (...parts: string[]): string =>
  `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

function resolved(document: OpenAPIObject, pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document);
}
