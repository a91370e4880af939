import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';
import { routedUrl } from '../../src/http/listener/routed-url.js';
import { readMicroversion } from '../../src/domain/microversion.js';
import { documentFor, writtenDocuments } from '../../src/openapi/documents.js';
import type { Reply, WireRequest } from './client.js';

/** Validates answers against their OpenAPI document, that of their microversion if they have one: status, headers and body. */

const documents = writtenDocuments();
const ajv = new Ajv({ strict: false, allErrors: true });
ajvFormats.default(ajv);
for (const [name, document] of documents) ajv.addSchema(document, name);

interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

/** What in an answer violates its document, a sentence each. */
export function undocumented(wire: WireRequest, reply: Reply): string[] {
  const path = routedUrl(wire.target.split('?')[0]);
  if (!isDecodable(path) || isBeforeAnyOperation(reply)) return [];
  const problems = operationsAt(path, wire.method, reply).map((operation) => problemsWith(operation, reply));
  // Answers at /v2 follow one of its two documents; a test that switches the extension off selects the other.
  return problems.find((each) => each.length === 0) ?? problems[0] ?? [];
}

/** An operation that a request may be for. */
interface Documented {
  readonly name: string;
  /** The path in the document. */
  readonly path: string;
  readonly method: 'get';
}

function operationsAt(path: string, method: string, reply: Reply): Documented[] {
  const [, api, rest] = /^\/(v2|v2\.1)(\/.+)$/.exec(path) ?? [];
  const places =
    rest === undefined
      ? OTHERS.map((name) => ({ name, paths: [below(name, path)] }))
      : documentsOf(api, reply).map((name) => ({ name, paths: [rest, rest.replace(PROJECT, '')] }));
  return places.flatMap(({ name, paths }) => {
    const template = paths.map((each) => templateOf(name, each)).find((each) => each !== undefined);
    const operation = { name, path: template ?? '', method: method.toLowerCase() as 'get' };
    return documents.get(name)!.paths[operation.path]?.[operation.method] ? [operation] : [];
  });
}

/** A project in front of the path. */
const PROJECT = /^\/[^/]+(?=\/)/;

/** The documents of APIs without microversions. */
const OTHERS = [...documents.keys()].filter((name) => !/^(\d|v2)/.test(name));

/** A path as the document has it, relative to its server; undefined elsewhere. */
function below(name: string, path: string): string | undefined {
  const server = documents.get(name)!.servers![0].url.replace(/\/$/, '');
  const isBelow = path === server || path.startsWith(`${server}/`);
  return isBelow ? path.slice(server.length) || '/' : undefined;
}

function templateOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const templates = Object.keys(documents.get(name)!.paths);
  return templates.find((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
}

function isDecodable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

/** The router's 404, which is no fault of Nova's, and the refusals of Node's HTTP parser. */
function isBeforeAnyOperation({ status, headers, body }: Reply): boolean {
  const isFault = headers['content-type'] === 'application/json; charset=UTF-8' || isOfKeystone(body);
  return (status === 404 && !isFault) || (status >= 400 && headers.connection === 'close');
}

function isOfKeystone(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'error' in body;
}

function documentsOf(api: string, { headers }: Reply): string[] {
  if (api === 'v2') return ['v2', 'v2-plain'];
  const version = headers['x-openstack-nova-api-version'];
  // An answer before the version was read, or to an unsupported one, is the same in every document.
  const isKnown = version !== undefined && /^2\.[1-9]\d*$/.test(version);
  return [isKnown ? documentFor(readMicroversion(version), documents.keys()) : '2.1'];
}

function problemsWith({ name, path, method }: Documented, reply: Reply): string[] {
  const document = documents.get(name)!;
  const at = `${name}: ${method} ${path} ${reply.status}`;
  const given = document.paths[path][method]!.responses[String(reply.status)] as Response | undefined;
  if (!given) return [`${at} is no status that is documented`];
  const { $ref: pointer = pointerTo('paths', path, method, 'responses', String(reply.status)) } = given;
  const response = (given.$ref === undefined ? given : resolved(document, given.$ref)) as Response;
  // For an answer to HEAD a document describes the body that GET would have.
  const body = method === ('head' as string) && reply.text === '' ? [] : bodyProblems(name, pointer, response, reply);
  return [...headerProblems(document, response, reply), ...body].map((problem) => `${at}: ${problem}`);
}

function headerProblems(document: OpenAPIObject, { headers = {} }: Response, reply: Reply): string[] {
  return Object.entries(headers).flatMap(([name, { $ref }]) => {
    const value = reply.headers[name.toLowerCase()];
    const { schema, required = true } = resolved(document, $ref) as {
      schema: { pattern?: string };
      required?: boolean;
    };
    if (value === undefined) return required ? [`no header ${name}`] : [];
    return new RegExp(schema.pattern ?? '', 'u').test(value) ? [] : [`header ${name} is ${value}`];
  });
}

function bodyProblems(name: string, pointer: string, { content }: Response, reply: Reply): string[] {
  if (content === undefined) return reply.text === '' ? [] : ['a body where none is documented'];
  // A client that accepts only Nova's own media type gets JSON under that name.
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
