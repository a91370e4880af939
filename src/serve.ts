import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { type Config, InvalidConfig, readConfig } from './config/config.js';
import { loginHint } from './identity/builtin/login-hint.js';
import { MetadataServer } from './metadata/metadata.server.js';
import { AdminServer } from './operations/admin.server.js';
import { keepMemoryOutOfCoreFiles } from './files/core-files.js';
import { keepHeapSmall } from './operations/heap.js';
import { endOnUncaughtErrors } from './operations/crash-handler.js';
import { DirectoryInUse } from './persistence/embedded/directory-lock.js';
import { UnusableDirectory } from './persistence/embedded/embedded-engine.js';
import { embeddedDirectory } from './persistence/data-source.js';
import { MigrationsMissing } from './persistence/migration-check.js';
import { DatabaseUnusable } from './persistence/open-data-source.js';

/** sysexits.h: the configuration is wrong. */
const EX_CONFIG = 78;

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs the service with the settings of the environment; says on standard error what keeps it from starting, and ends. */
export async function serve(): Promise<void> {
  keepMemoryOutOfCoreFiles();
  keepHeapSmall();
  endOnUncaughtErrors();
  try {
    await start();
  } catch (error) {
    process.exit(told(error));
  }
}

async function start(): Promise<void> {
  const config = readConfig(process.env);
  tell(openingLine(config));
  const app = await createApp(config);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const scheme = config.tlsCert === undefined ? 'http' : 'https';
  const metadata = app.get(MetadataServer).addresses.map((each) => `${urlOf(each)}/`);
  const admin = app.get(AdminServer).address;
  // In one write, so that who waits for the first line has the others too.
  tell(
    [
      `Latchkey listens on ${urlOf(app.getHttpServer().address() as AddressInfo, scheme)}/v2.1/`,
      ...(metadata.length > 0 ? [`Guests find their metadata at ${metadata.join(' and ')}`] : []),
      ...(admin ? [`Operators find metrics at ${urlOf(admin)}/metrics`] : []),
      ...loginHint(config),
    ].join('\n'),
  );
}

const urlOf = ({ address, port }: AddressInfo, scheme = 'http'): string =>
  `${scheme}://${address.includes(':') ? `[${address.replace('%', '%25')}]` : address}:${port}`;

function openingLine(config: Config): string {
  if (config.databaseUrl !== undefined) return 'Connecting to PostgreSQL ...';
  return `Opening the embedded database in ${embeddedDirectory(config)} (the first start takes some seconds) ...`;
}

/** What says itself what an operator can do about it. */
const EXPECTED = [DatabaseUnusable, DirectoryInUse, MigrationsMissing, UnusableDirectory];

/** Tells why there is no start, and gives the exit status for it. */
function told(error: unknown): number {
  if (error instanceof InvalidConfig) {
    tell(`Latchkey cannot start; these settings are wrong:\n${error.problems.map((each) => `  ${each}`).join('\n')}`);
    return EX_CONFIG;
  }
  tell(`Latchkey cannot start: ${reason(error as NodeJS.ErrnoException & { address?: string; port?: number })}`);
  return 1;
}

function reason(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  if (error.syscall === 'listen' && error.code === 'EADDRINUSE') {
    return `${error.address}:${error.port} is in use by another process. Stop that one, or set PORT or METADATA_PORT.`;
  }
  // What the operating system or PostgreSQL says is for the operator; a stack is for us.
  const isExpected = EXPECTED.some((kind) => error instanceof kind) || error.code !== undefined;
  return isExpected ? error.message : String(error.stack ?? error);
}
