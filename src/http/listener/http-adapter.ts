import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Config } from '../../config/config.js';
import { type FaultForm, FAULTS, faultBody } from '../faults/faults.js';
import { BODY_LIMIT } from '../faults/http-errors.js';
import type { ApiRequest } from '../api-request.js';
import { brokenRequest, refuseBroken } from './broken-request.js';
import { inTurn, limitConnections, timeouts } from './listener-limits.js';
import { setRequestId } from '../request-id.js';
import { routedUrl } from './routed-url.js';
import { readTlsFiles, TLS_OPTIONS } from './tls-files.js';
import { ambiguousHttp, sentByForeignPage } from './unwelcome-requests.js';

/** Fastify, configured so that it words no answer itself and passes on every path and body as sent. */
export function httpAdapter(config: Config): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: config.logLevel === 'silent' ? false : { level: config.logLevel },
    logController: new fastify.LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => `req-${randomUUID()}`,
    requestIdHeader: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: config.requestTimeoutSeconds * 1000,
    keepAliveTimeout: config.idleTimeoutSeconds * 1000,
    // Requests on kept connections are still answered while the service stops.
    return503OnClosing: false,
    ...listener(config),
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    exposeHeadRoutes: false,
    rewriteUrl: (request: IncomingMessage) => routedUrl(request.url ?? '/'),
    routerOptions: { maxParamLength: 16_384 },
    frameworkErrors: answerBadUrl,
    clientErrorHandler: answerBrokenRequest,
    multipart: false,
  });
  const server = adapter.getInstance();
  limitConnections(server.server, config);
  server.removeAllContentTypeParsers();
  server.addHook('onRequest', (request, reply, done) => inTurn(request.raw, reply.raw, done));
  // Fastify would refuse unknown media types before authentication, so it does not get to see them.
  server.addHook('onRequest', (request, reply, done) => {
    const unwelcome = ambiguousHttp(request.raw) ?? sentByForeignPage(request.raw, config);
    if (unwelcome) {
      refuse(request, reply, FAULTS[unwelcome.kind], unwelcome.message);
      return;
    }
    (request as ApiRequest).bodyType = request.headers['content-type']?.split(';', 1)[0] ?? '';
    delete request.raw.headers['content-type'];
    done();
  });
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return adapter;
}

/** Options of Node's own server: plain HTTP, or TLS where there is a certificate. */
function listener(config: Config): object {
  const { tlsCert, tlsKey } = config;
  if (tlsCert === undefined || tlsKey === undefined) return { http: timeouts(config) };
  const handshakeTimeout = config.headersTimeoutSeconds * 1000;
  return { https: { ...timeouts(config), handshakeTimeout, ...readTlsFiles(tlsCert, tlsKey), ...TLS_OPTIONS } };
}

/** Answers a URL that the router cannot decode: no route, and so no filter, sees that request. */
function answerBadUrl(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  refuse(request, reply, FAULTS.malformed, 'The URL has an escape that is no UTF-8. Encode each byte of UTF-8 as %XX.');
}

/** Answers a request that reaches no route. The connection is closed. */
function refuse(request: FastifyRequest, reply: FastifyReply, form: FaultForm, message: string): void {
  setRequestId(request, reply);
  void reply
    .status(form.code)
    .headers({ 'Content-Type': 'application/json; charset=UTF-8', Connection: 'close' })
    .send(faultBody(form, message));
}

/** Answers what Node's HTTP parser refuses: there is no request to route then, only a socket. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const { status, message } = brokenRequest(error);
  const code = Number(status.slice(0, 3));
  const body = JSON.stringify(faultBody({ code, name: FAULTS.malformed.name }, message));
  refuseBroken(error, socket, { status, contentType: 'application/json; charset=UTF-8', body });
}
