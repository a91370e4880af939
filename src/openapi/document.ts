import type { OpenAPIObject } from '@nestjs/swagger';
import type { ClassConstructor } from 'class-transformer';
import type { ReplyForm } from '../http/reply-form.js';
import { type Envelope, isClosed } from '../http/shape.js';
import { compareMicroversions, FIRST_MICROVERSION, readMicroversion } from '../microversions/microversion.js';
import { ENTRY_EXTENSIONS, FAULTS_EXTENSION } from '../nova/versioned.js';
import { answerHeaders, closed, commonComponents } from './common.js';
import { changesAt, PARTS } from './histories.js';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Parameters = NonNullable<Operation['parameters']>;
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const METHODS = ['get', 'post', 'put', 'delete'] as const;

/** Finds the example of an operation's request or answer at a microversion; undefined where there is none. */
export type Examples = (version: string, operationId: string, part: 'request' | 'answer') => unknown;

/**
 * The document of one microversion: the scanned routes with each contract entry that they name put in its place. `version` is
 * one of `documentedVersions()`.
 */
export function documentAt(version: string, scanned: OpenAPIObject, examples: Examples): OpenAPIObject {
  return new DocumentOf(version, scanned, examples).whole();
}

class DocumentOf {
  private readonly schemas: Record<string, Schema> = {};
  private readonly hasMicroversions: boolean;
  private readonly contracts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;

  constructor(
    private readonly version: string,
    private readonly scanned: OpenAPIObject,
    private readonly examples: Examples,
  ) {
    const microversion = readMicroversion(version);
    this.hasMicroversions = compareMicroversions(microversion, FIRST_MICROVERSION) >= 0;
    this.contracts = Object.fromEntries(
      Object.entries(PARTS).map(([tag, { history }]) => [tag, history.at(microversion) as Record<string, unknown>]),
    );
  }

  whole(): OpenAPIObject {
    const paths = this.paths();
    const components = commonComponents(this.hasMicroversions ? this.version : undefined);
    const news = changesAt(this.version).map(({ tag, change }) => `- ${tag}: ${change.says}`);
    return {
      openapi: '3.0.3',
      info: {
        title: 'Latchkey',
        version: this.hasMicroversions ? this.version : '2.0',
        description: `${this.about()}\n\nWhat is new:\n\n${news.join('\n')}\n`,
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0.html' },
      },
      servers: [{ url: this.hasMicroversions ? '/v2.1' : '/v2' }],
      security: [{ token: [] }, { basic: [] }],
      tags: Object.entries(PARTS).map(([name, { about }]) => ({ name, description: about })),
      paths,
      components: { ...components, schemas: { ...sorted(this.schemas), ...components.schemas } },
    };
  }

  private about(): string {
    return this.hasMicroversions
      ? `The compute API from microversion ${this.version} on, until the next document.`
      : 'The compute API at /v2, which has no microversions.';
  }

  private paths(): Paths {
    const paths: Paths = {};
    for (const [path, item] of Object.entries(this.scanned.paths)) {
      const [, relative] = /^\/v2\.1(\/(?!\{projectId\}).*)$/.exec(path) ?? [];
      if (relative === undefined) continue;
      const operations = METHODS.flatMap((method) => {
        const operation = item[method];
        return operation && (operation.tags?.[0] ?? '') in PARTS ? [[method, this.operation(operation)]] : [];
      });
      if (operations.length > 0) paths[relative] = Object.fromEntries(operations) as Paths[string];
    }
    return paths;
  }

  private operation(scanned: Operation): Operation {
    const contract = this.contracts[scanned.tags![0]];
    const extensions = scanned as unknown as Record<string, string | undefined>;
    const entry = (part: keyof typeof ENTRY_EXTENSIONS): unknown => contract[extensions[ENTRY_EXTENSIONS[part]] ?? ''];

    const operationId = scanned.operationId!;
    const inPath = scanned.parameters ?? [];
    const body = entry('body') as Envelope<object> | undefined;
    const query = entry('query') as ClassConstructor<object> | undefined;
    const reply = entry('reply') as ReplyForm | undefined;
    const status = (entry('status') as number | undefined) ?? Object.keys(scanned.responses)[0];
    return {
      operationId,
      summary: scanned.summary,
      tags: scanned.tags,
      parameters: [...inPath, ...(query ? this.queryParameters(query) : []), ...this.versionParameter()],
      ...(body && {
        requestBody: { required: true, content: this.json(this.bodySchema(body), operationId, 'request') },
      }),
      responses: {
        [status]: {
          description: reply ? 'Done; the answer tells what there is.' : 'Done; the answer is empty.',
          headers: answerHeaders(this.hasMicroversions),
          ...(reply && { content: this.json(this.replySchema(reply), operationId, 'answer') }),
        },
        ...this.faults((scanned as unknown as Record<string, string[]>)[FAULTS_EXTENSION] ?? [], body !== undefined),
      },
    };
  }

  private faults(others: readonly string[], hasBody: boolean): Operation['responses'] {
    const names = {
      400: 'BadRequest',
      401: 'Unauthorized',
      403: 'Forbidden',
      ...(others.includes('not-found') && { 404: 'NotFound' }),
      ...(this.hasMicroversions && { 406: 'NotAcceptable' }),
      ...(others.includes('conflict') && { 409: 'Conflict' }),
      ...(hasBody && { 413: 'BodyTooLarge', 415: 'UnsupportedMediaType' }),
      500: 'Unforeseen',
      503: 'Unavailable',
    };
    return Object.fromEntries(
      Object.entries(names).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
    );
  }

  /** The header that a client of this document sends. Without one it gets the oldest microversion. */
  private versionParameter(): Parameters {
    if (!this.hasMicroversions) return [];
    return [
      {
        name: 'X-OpenStack-Nova-API-Version',
        in: 'header',
        required: this.version !== '2.1',
        description: 'The microversion. `OpenStack-API-Version: compute ...` is the same.',
        schema: { type: 'string', enum: [this.version] },
      },
    ];
  }

  private queryParameters(query: ClassConstructor<object>): Parameters {
    const { properties = {} } = this.scannedSchema(query.name);
    return Object.entries(properties as Record<string, { items?: Schema; description?: string }>).map(
      ([name, { items, description }]) => ({
        name,
        in: 'query',
        required: false,
        ...(description !== undefined && { description }),
        schema: items ?? { type: 'string' },
      }),
    );
  }

  private bodySchema({ property, shape }: Envelope<object>): Schema {
    return closed({ [property]: this.named(shape, isClosed(shape)) }, isClosed(shape));
  }

  private replySchema(form: ReplyForm): Schema {
    if (typeof form === 'function') return this.named(form, true);
    if (Array.isArray(form)) return { type: 'array', items: this.replySchema((form as readonly [ReplyForm])[0]) };
    return closed(Object.fromEntries(Object.entries(form).map(([name, each]) => [name, this.replySchema(each)])));
  }

  /** A reference to the schema of a class, which is in the document from then on. */
  private named(shape: ClassConstructor<object>, isExact: boolean): Schema {
    this.add(shape.name, isExact);
    return { $ref: `#/components/schemas/${shape.name}` };
  }

  /** Puts a scanned schema into the document, with those that it refers to. */
  private add(name: string, isExact: boolean): void {
    if (name in this.schemas) return;
    const schema = this.scannedSchema(name);
    this.schemas[name] = { ...schema, additionalProperties: !isExact };
    for (const [, other] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      this.add(other, isExact);
  }

  private scannedSchema(name: string): Exclude<Schema, { $ref: string }> {
    return this.scanned.components!.schemas![name] as Exclude<Schema, { $ref: string }>;
  }

  private json(schema: Schema, operationId: string, part: 'request' | 'answer') {
    const example = this.examples(this.version, operationId, part);
    return { 'application/json': { schema, ...(example !== undefined && { example }) } };
  }
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
