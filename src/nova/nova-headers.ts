import type { FastifyInstance, onSendHookHandler, preSerializationHookHandler } from 'fastify';

const JSON_TYPE = 'application/json';
const VENDOR_JSON = 'application/vnd.openstack.compute+json';

/** The routes of Nova's API, which answers every path that no other API claims. */
const NOVA_ROUTE = /^\/(?:v2(?:\.1)?(?:\/.*)?|\*)?$/;

/** Nova answers in the type that the client accepts, also without a body. */
const setNovaType: onSendHookHandler = (request, reply, payload, done) => {
  const isBare = request.method === 'OPTIONS' && !payload;
  if (reply.statusCode < 400 && !isBare) {
    const type = request.headers.accept === VENDOR_JSON ? VENDOR_JSON : JSON_TYPE;
    // Fastify takes the type off a 204.
    if (reply.statusCode === 204) reply.raw.setHeader('Content-Type', type);
    else reply.header('Content-Type', type);
  }
  done();
};

/** Fastify adds a charset to JSON; Keystone does not. */
const setJsonType: preSerializationHookHandler = (_request, reply, payload, done) => {
  reply.header('Content-Type', JSON_TYPE);
  done(null, payload);
};

/** Sets the content type of successful responses: on Nova's routes of all, elsewhere of JSON. Call it before routes are added. */
export function setContentTypes(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (NOVA_ROUTE.test(route.url)) route.onSend = setNovaType;
    else route.preSerialization = setJsonType;
  });
}
