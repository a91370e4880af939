import {
  applyDecorators,
  type CallHandler,
  createParamDecorator,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { ClassConstructor } from 'class-transformer';
import type { FastifyReply } from 'fastify';
import type { Observable } from 'rxjs';
import type { ErrorKind } from '../../domain/domain-error.js';
import type { ApiRequest } from '../api-request.js';
import { readQuery } from './query.js';
import type { MediaForm, ResponseForm } from './response-form.js';
import { type Envelope, shapedBody, shapedQuery } from './shape.js';

/** The entries of a contract that hold a value of some type. */
type KeysOf<Contract, Value> = { [Key in keyof Contract]: Contract[Key] extends Value ? Key : never }[keyof Contract];

/**
 * The entries of a contract that a route follows. @nestjs/swagger passes them on as extensions of these names, which
 * `openapi/document.ts` replaces with the entries.
 */
export const ENTRY_EXTENSIONS = { body: 'x-body', query: 'x-query', status: 'x-status', reply: 'x-reply' } as const;

/** The answers other than success of a route, in addition to those of every route of its API, for OpenAPI. */
export const FAULTS_EXTENSION = 'x-faults';
export const Errors = (...kinds: (ErrorKind | 'log-in' | 'not-modified' | 'too-large')[]): MethodDecorator =>
  ApiExtension(FAULTS_EXTENSION, kinds);

/** The headers of a route's response in addition to those of every route of its API, for OpenAPI. */
export const HEADERS_EXTENSION = 'x-answer-headers';
export const AnswersWith = (...headers: string[]): MethodDecorator => ApiExtension(HEADERS_EXTENSION, headers);

/** Whether a route answers 201 where it created what it answers with, for OpenAPI. */
export const CREATES_EXTENSION = 'x-may-create';
export const MayCreate = (): MethodDecorator => ApiExtension(CREATES_EXTENSION, true);

/** Notes which entry of the contract a route takes something from. */
function note(part: keyof typeof ENTRY_EXTENSIONS, name: unknown): MethodDecorator & ParameterDecorator {
  const extension = ApiExtension(ENTRY_EXTENSIONS[part], name);
  return (target: object, method?: string | symbol) => {
    const descriptor = Object.getOwnPropertyDescriptor(target, method!)!;
    void extension(target, method, descriptor);
  };
}

/** A parameter decorator that also notes the entry it is given. */
const noting =
  <Name>(part: keyof typeof ENTRY_EXTENSIONS, decorate: (name: Name) => ParameterDecorator) =>
  (name: Name): ParameterDecorator =>
  (target, method, index) => {
    note(part, name)(target, method, index);
    decorate(name)(target, method, index);
  };

/**
 * The decorators of a controller that follows a contract: each reads an entry of the request's contract by name, and passes the
 * name on to OpenAPI.
 */
export function withContract<Contract extends object>(contractFor: (request: ApiRequest) => Contract) {
  const requestOf = (context: ExecutionContext): ApiRequest => context.switchToHttp().getRequest<ApiRequest>();
  const contractOf = (context: ExecutionContext): Contract => contractFor(requestOf(context));

  return {
    /** The contract itself. */
    CurrentApi: createParamDecorator((_: unknown, context: ExecutionContext) => contractOf(context)),

    /** The body in the shape that the contract names. */
    ShapedBody: noting(
      'body',
      createParamDecorator((name: KeysOf<Contract, Envelope<object>>, context: ExecutionContext) =>
        shapedBody(contractOf(context)[name] as Envelope<object>, requestOf(context).json),
      ),
    ),

    /** The query in the shape that the contract names. */
    ShapedQuery: noting(
      'query',
      createParamDecorator((name: KeysOf<Contract, ClassConstructor<object>>, context: ExecutionContext) =>
        shapedQuery(contractOf(context)[name] as ClassConstructor<object>, readQuery(requestOf(context).url)),
      ),
    ),

    /** Answers with the status that the contract names. */
    Status: (name: KeysOf<Contract, number>): MethodDecorator => {
      const setStatus: NestInterceptor = {
        intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
          context
            .switchToHttp()
            .getResponse<FastifyReply>()
            .status(contractOf(context)[name] as number);
          return next.handle();
        },
      };
      return applyDecorators(UseInterceptors(setStatus), note('status', name));
    },

    /** The entry that describes a body that the route reads itself, for OpenAPI. */
    Body: (name: KeysOf<Contract, Envelope<object>>): MethodDecorator => note('body', name),

    /** The entry that describes the response, for OpenAPI and for readers of the controller. */
    Response: (name: KeysOf<Contract, ResponseForm | MediaForm>): MethodDecorator => note('reply', name),
  };
}
