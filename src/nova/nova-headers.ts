import type { FastifyInstance, onSendHookHandler } from 'fastify';

const VENDOR_JSON = 'application/vnd.openstack.compute+json';

/** The routes of Nova's API, which answers every path that no other API claims. */
const NOVA_ROUTE = /^\/(?:v2(?:\.1)?(?:\/.*)?|\*)?$/;

/** Nova answers in the type that the client accepts, also without a body. */
const setNovaType: onSendHookHandler = (request, reply, payload, done) => {
  const isBare = request.method === 'OPTIONS' && !payload;
  if (reply.statusCode < 400 && !isBare) {
    const type = request.headers.accept === VENDOR_JSON ? VENDOR_JSON : 'application/json';
    // Fastify takes the type off a 204.
    if (reply.statusCode === 204) reply.raw.setHeader('Content-Type', type);
    else reply.header('Content-Type', type);
  }
  done();
};

/** Sets the content type of successful responses on Nova's routes. Call it before routes are added. */
export function setNovaTypes(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    if (NOVA_ROUTE.test(route.url)) route.onSend = setNovaType;
  });
}
