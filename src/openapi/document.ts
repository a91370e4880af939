import type { OpenAPIObject } from '@nestjs/swagger';
import type { ClassConstructor } from 'class-transformer';
import { CREATES_EXTENSION, ENTRY_EXTENSIONS, FAULTS_EXTENSION, HEADERS_EXTENSION } from '../http/shapes/contract.js';
import { MediaForm, type ResponseForm } from '../http/shapes/response-form.js';
import { type Envelope, isClosed } from '../http/shapes/shape.js';
import { buildObjectSchema, type Components, referred, responseOf, type Schema } from './forms.js';
import type { DocumentSource } from './sources.js';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;
type Parameters = NonNullable<Operation['parameters']>;
type Content = Record<string, { schema: Schema; example?: unknown }>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const;

/** Finds the example of an operation's request or answer; undefined where there is none. */
export type Examples = (source: DocumentSource, operationId: string, part: 'request' | 'answer') => unknown;

/** A document: the scanned routes of its API, with each contract entry that they name put in its place. */
export function documentOf(source: DocumentSource, scanned: OpenAPIObject, examples: Examples): OpenAPIObject {
  return new DocumentOf(source, scanned, examples).whole();
}

class DocumentOf {
  private readonly schemas: Record<string, Schema> = {};

  constructor(
    private readonly source: DocumentSource,
    private readonly scanned: OpenAPIObject,
    private readonly examples: Examples,
  ) {}

  whole(): OpenAPIObject {
    const { version, about, server, parts, form } = this.source;
    const paths = this.paths();
    const security = Object.keys(form.securitySchemes).map((name) => ({ [name]: [] }));
    return {
      openapi: '3.0.3',
      info: {
        title: 'Latchkey',
        version,
        description: about,
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0.html' },
      },
      servers: [{ url: server }],
      security,
      tags: Object.entries(parts).map(([name, part]) => ({ name, description: part.about })),
      paths,
      components: this.components(paths),
    };
  }

  /** What the paths refer to, and nothing else. */
  private components(paths: Paths): OpenAPIObject['components'] {
    const { headers, refusals, securitySchemes } = this.source.form;
    const referredTo = JSON.stringify(paths);
    const used = refusals.filter(({ name }) => referredTo.includes(`"#/components/responses/${name}"`));
    const responses = Object.fromEntries(used.map((refusal) => [refusal.name, responseOf(refusal)]));
    const others = used.flatMap(({ name, schema }) => (schema ? [[name, schema] as const] : []));
    const inHeaders = referredTo + JSON.stringify(responses);
    const named = Object.entries(headers).filter(([name]) => inHeaders.includes(`"#/components/headers/${name}"`));
    const all: Components = {
      headers: Object.fromEntries(named),
      responses,
      schemas: { ...sorted(this.schemas), ...Object.fromEntries(others) },
      securitySchemes,
    } as Components;
    return Object.fromEntries(Object.entries(all).filter(([, part]) => Object.keys(part as object).length > 0));
  }

  private paths(): Paths {
    const paths: Paths = {};
    for (const [path, item] of Object.entries(this.scanned.paths)) {
      const relative = this.relative(path);
      if (relative === undefined) continue;
      const ids = METHODS.map((each) => item[each]?.operationId);
      const operations = METHODS.flatMap((method, at) => {
        const operation = item[method];
        const isOurs = operation !== undefined && (operation.tags?.[0] ?? '') in this.source.parts;
        // A path that answers every method alike is documented once.
        return isOurs && ids.indexOf(ids[at]) === at ? [[method, this.operation(operation, relative, method)]] : [];
      });
      if (operations.length > 0) paths[relative] = Object.fromEntries(operations) as Paths[string];
    }
    return paths;
  }

  /** A path below the server's; undefined for those elsewhere, and for those with a project in front. */
  private relative(path: string): string | undefined {
    const { server } = this.source;
    if (server === '/') return path;
    if (path === server) return '/';
    if (!path.startsWith(`${server}/`) || path.startsWith(`${server}/{projectId}`)) return undefined;
    return path.slice(server.length);
  }

  private operation(scanned: Operation, path: string, method: string): Operation {
    const { form, parts } = this.source;
    const contract = parts[scanned.tags![0]].contract as Record<string, unknown>;
    const extensions = scanned as unknown as Record<string, string | undefined>;
    const entry = (part: keyof typeof ENTRY_EXTENSIONS): unknown => contract[extensions[ENTRY_EXTENSIONS[part]] ?? ''];

    const operationId = scanned.operationId!;
    const inPath = scanned.parameters ?? [];
    const body = entry('body') as Envelope<object> | undefined;
    const query = entry('query') as ClassConstructor<object> | undefined;
    const reply = entry('reply') as ResponseForm | MediaForm | undefined;
    const status = (entry('status') as number | undefined) ?? Object.keys(scanned.responses)[0];
    const headers = [...form.answerHeaders(path), ...namesIn(scanned, HEADERS_EXTENSION)];
    const success = {
      description: reply ? 'Success. The body has the current state.' : 'Success, without a body.',
      ...(headers.length > 0 && { headers: referred(headers) }),
      ...(reply && { content: this.content(reply, operationId) }),
    };
    return {
      operationId,
      summary: scanned.summary,
      tags: scanned.tags,
      ...(form.isOpen(path, method) && Object.keys(form.securitySchemes).length > 0 && { security: [] }),
      parameters: [...inPath, ...(query ? this.queryParameters(query) : []), ...this.versionParameter()],
      ...(body && {
        requestBody: { required: true, content: this.json(this.bodySchema(body), operationId, 'request') },
      }),
      responses: {
        [status]: success,
        ...(CREATES_EXTENSION in scanned && { 201: success }),
        ...this.refusals(path, [...(body ? form.withBody : []), ...namesIn(scanned, FAULTS_EXTENSION)]),
      },
    };
  }

  private refusals(path: string, others: readonly string[]): Operation['responses'] {
    const { always, refusals } = this.source.form;
    const kinds = new Set<string>([...always(path), ...others]);
    return Object.fromEntries(
      refusals
        .filter(({ kind }) => kinds.has(kind))
        .map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]),
    );
  }

  /** The header that a client of this document sends. Without one it gets the oldest microversion. */
  private versionParameter(): Parameters {
    const { microversion } = this.source;
    if (microversion === undefined) return [];
    return [
      {
        name: 'X-OpenStack-Nova-API-Version',
        in: 'header',
        required: microversion !== '2.1',
        description: 'The requested microversion, as an alternative to `OpenStack-API-Version: compute ...`.',
        schema: { type: 'string', enum: [microversion] },
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
    return buildObjectSchema({ [property]: this.named(shape, isClosed(shape)) }, isClosed(shape));
  }

  private replySchema(form: ResponseForm): Schema {
    if (typeof form === 'function') return this.named(form, true);
    if (Array.isArray(form)) return { type: 'array', items: this.replySchema((form as readonly [ResponseForm])[0]) };
    return buildObjectSchema(
      Object.fromEntries(Object.entries(form).map(([name, each]) => [name, this.replySchema(each)])),
    );
  }

  /** A reference to the schema of a class, which is in the document from then on. */
  private named(shape: ClassConstructor<object>, isExact: boolean): Schema {
    this.add(shape.name, isExact, hasOtherMembers(shape));
    return { $ref: `#/components/schemas/${shape.name}` };
  }

  /** Puts a scanned schema into the document, with those that it refers to. */
  private add(name: string, isExact: boolean, isOpen = false): void {
    if (name in this.schemas) return;
    const schema = this.scannedSchema(name);
    this.schemas[name] = { ...schema, additionalProperties: isOpen || !isExact };
    for (const [, other] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      this.add(other, isExact);
  }

  private scannedSchema(name: string): Exclude<Schema, { $ref: string }> {
    return this.scanned.components!.schemas![name] as Exclude<Schema, { $ref: string }>;
  }

  private content(reply: ResponseForm | MediaForm, operationId: string): Content {
    if (!(reply instanceof MediaForm)) return this.json(this.replySchema(reply), operationId, 'answer');
    return Object.assign(
      {},
      ...Object.entries(reply.media).map(([type, form]): Content => {
        if (form === 'text') return { [type]: { schema: { type: 'string' } } };
        if (form === 'bytes') return { [type]: { schema: { type: 'string', format: 'binary' } } };
        return this.json(this.replySchema(form), operationId, 'answer');
      }),
    ) as Content;
  }

  /** JSON under a name of its own, made of the operation's: `CreateKeypairRequest`, `CreateKeypairAnswer`. */
  private json(schema: Schema, operationId: string, part: 'request' | 'answer'): Content {
    const name = capitalized(operationId) + capitalized(part);
    this.schemas[name] = schema;
    const example = this.examples(this.source, operationId, part);
    return {
      'application/json': {
        schema: { $ref: `#/components/schemas/${name}` },
        ...(example !== undefined && { example }),
      },
    };
  }
}

/** The list in an extension of an operation. */
function namesIn(operation: Operation, extension: string): readonly string[] {
  return (operation as unknown as Record<string, readonly string[] | undefined>)[extension] ?? [];
}

const capitalized = (name: string): string => name[0].toUpperCase() + name.slice(1);

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether answers hold members that clients made up. */
const hasOtherMembers = (shape: ClassConstructor<object>): boolean =>
  (shape as { readonly hasOtherMembers?: boolean }).hasOtherMembers ?? false;
