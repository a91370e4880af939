# Builds and runs the service: docker build -t latchkey . && docker run -p 8774:8774 -v latchkey:/data latchkey
# The database, and the users of the built-in identity, are in /data; the rest of the file system may be read-only.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json nest-cli.json ormconfig.ts ./
COPY migrations migrations
COPY src src
COPY scripts/minify-console.mjs scripts/
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
# Config drives are made by xorriso.
RUN apt-get update && apt-get install -y --no-install-recommends xorriso && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 HOST=0.0.0.0 METADATA_HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY bin bin
COPY docs/openapi docs/openapi
COPY deploy/guest deploy/guest
COPY LICENSE README.md ./
RUN mkdir /data && chown node:node /data && ln -s /app/bin/latchkey.js /usr/local/bin/latchkey
USER node
VOLUME /data
EXPOSE 8774 8775
# Whether the process answers; an orchestrator asks /readyz whether to send requests. The certificate is for clients.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "require(process.env.TLS_CERT ? 'https' : 'http').get({ port: process.env.PORT || 8774, path: '/livez', rejectUnauthorized: false }, (r) => process.exit(r.statusCode < 300 ? 0 : 1)).on('error', () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/bin/latchkey.js"]
CMD ["serve"]
