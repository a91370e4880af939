import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import { readConfig } from '../../src/config/config.js';
import { MetadataServer } from '../../src/metadata/metadata.server.js';
import { AdminServer } from '../../src/operations/admin.server.js';
import { Client } from './client.js';
import { testDatabase } from './test-database.js';

/** The whole application on a database of its own, listening on a free port. */
export interface StartedApp {
  readonly app: NestFastifyApplication;
  /** A client without a token. */
  readonly client: Client;
  /** A client whose token names its user. */
  as(userId: string, projectId?: string): Client;
  /** A guest: a client of the metadata service. */
  readonly guest: Client;
  /** An operator: a client of the listener on ADMIN_PORT, if that is set. */
  readonly admin: Client;
  stop(): Promise<void>;
}

/** Starts the application; `settings` are environment variables. */
export async function startApp(settings: Record<string, string> = {}): Promise<StartedApp> {
  const database = await testDatabase();
  const config = readConfig({
    LOG_LEVEL: 'silent',
    PORT: '0',
    METADATA_PORT: '0',
    AUTH_MODE: 'none',
    ...database.environment,
    ...settings,
  });
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const client = new Client(`127.0.0.1:${port}`);
  return {
    app,
    client,
    as: (userId, projectId = userId) => client.with({ 'X-Auth-Token': `${userId}:${projectId}` }),
    guest: new Client(`127.0.0.1:${app.get(MetadataServer).addresses[0]?.port}`, {}, false),
    admin: new Client(`127.0.0.1:${app.get(AdminServer).address?.port}`, {}, false),
    stop: async () => {
      await app.close();
      await database.remove();
    },
  };
}
