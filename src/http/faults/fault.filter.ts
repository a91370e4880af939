import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiRequest } from '../api-request.js';
import { describeError } from './describe-error.js';
import { DomainError } from '../../domain/domain-error.js';
import { type FaultForm, FAULTS, faultBody, UNFORESEEN } from './faults.js';
import { BodyTooLarge, RouteNotFound } from './http-errors.js';
import { KeystoneFault } from './keystone-fault.js';
import { plainPage } from './plain-page.js';

/** Answers errors as Nova does. */
@Injectable()
@Catch()
export class FaultFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const error = isBrokenOff(thrown, request) ? new BrokenOff({ cause: thrown }) : translate(thrown);
    if (error instanceof Error) (request as ApiRequest).failure = error;
    if (error instanceof RouteNotFound || error instanceof BodyTooLarge) {
      const page = plainPage(error, request.method, request.headers.accept);
      // A buffer, since Fastify adds a charset to the type of text.
      void reply.status(error.status).header('Content-Type', page.contentType).send(Buffer.from(page.body));
      return;
    }
    if (error instanceof KeystoneFault) {
      void reply
        .status(error.status)
        .headers(error.headers)
        .header('Content-Type', 'application/json')
        .send(Buffer.from(error.body()));
      return;
    }
    if (error instanceof DomainError) {
      if (error.kind === 'too-many') void reply.header('Retry-After', retryAfter(error));
      if (error.kind === 'unavailable') {
        void reply.header('Retry-After', retryAfter(error));
        const { reason } = error as Unavailable;
        request.log.warn(
          { reason, error: describeError(error.cause ?? error), route: request.routeOptions.url },
          error.name,
        );
      }
      answer(reply, FAULTS[error.kind], error.message);
      return;
    }
    request.log.error({ error: describeError(thrown), route: request.routeOptions.url }, 'unforeseen error');
    answer(reply, UNFORESEEN, 'Unexpected API Error. Look up the id of this request in the log of the service.');
  }
}

function answer(reply: FastifyReply, form: FaultForm, message: string): void {
  const body = JSON.stringify(faultBody(form, message));
  void reply.status(form.code).header('Content-Type', 'application/json; charset=UTF-8').send(body);
}

/** Additional members of errors of kind `unavailable`. */
type Unavailable = DomainError & {
  /** Seconds until a retry may succeed. */
  readonly retryAfterSeconds?: number;
  /** The cause for the log, without secrets. */
  readonly reason?: string;
};

function retryAfter({ retryAfterSeconds }: Unavailable): number {
  return retryAfterSeconds ?? 1;
}

/** The client disconnected before the end of its body. The error is for the log and the metrics only. */
class BrokenOff extends DomainError {
  constructor(options: ErrorOptions) {
    super('broken-off', 'The request broke off.', options);
  }
}

const isBrokenOff = (thrown: unknown, request: FastifyRequest): boolean =>
  request.raw.destroyed && !request.raw.complete && (thrown as NodeJS.ErrnoException).code === 'ECONNRESET';

/** Translates the errors of the frameworks, which are HttpExceptions, into DomainErrors. */
function translate(thrown: unknown): unknown {
  if (!(thrown instanceof HttpException)) return thrown;
  const status = thrown.getStatus();
  if (status === 404) return new RouteNotFound();
  if (status === 413) return new BodyTooLarge();
  if (status >= 500) return thrown;
  return new DomainError('unreadable-request', `The request cannot be read: ${thrown.message}`, { cause: thrown });
}
