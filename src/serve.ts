import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { type Config, InvalidConfig, readConfig } from './config/config.js';
import { loginHint } from './identity/builtin/log-in/login-hint.js';
import { MetadataServer } from './metadata/metadata.server.js';
import { AdminServer } from './operations/admin.server.js';
import { keepMemoryOutOfCoreFiles } from './files/core-files.js';
import { keepHeapSmall } from './operations/heap.js';
import { endOnUncaughtErrors } from './operations/crash-handler.js';
import { DirectoryInUse } from './persistence/embedded/directory-lock.js';
import { IN_MEMORY, UnusableDirectory } from './persistence/embedded/embedded-engine.js';
import { embeddedDirectory } from './persistence/data-source.js';
import { MigrationsMissing } from './persistence/migration-check.js';
import { DatabaseUnusable } from './persistence/open-data-source.js';

/** sysexits.h: the configuration is wrong. */
const EX_CONFIG = 78;

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);

/** Prints what users need once the service listens: lines of its own on standard error, or something else. */
type Announce = (config: Config) => string[];

/**
 * Runs the service with the settings of the environment. If it cannot start, prints why on standard error and exits. `announce` is
 * called with the ports that were free where a setting leaves the choice.
 */
export async function serve(environment = process.env, announce: Announce = loginHint): Promise<void> {
  keepMemoryOutOfCoreFiles();
  keepHeapSmall();
  endOnUncaughtErrors();
  try {
    await start(environment, announce);
  } catch (error) {
    process.exit(reportFailure(error));
  }
}

async function start(environment: NodeJS.ProcessEnv, announce: Announce): Promise<void> {
  const config = readConfig(environment);
  printLine(openingLine(config));
  const app = await createApp(config);
  try {
    await app.listen(config.port, config.host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const api = app.getHttpServer().address() as AddressInfo;
  const scheme = config.tlsCert === undefined ? 'http' : 'https';
  const metadata = app.get(MetadataServer).addresses.map((each) => `${urlOf(each)}/`);
  const admin = app.get(AdminServer).address;
  // In one write, so that a supervisor that waits for the first line gets the others too.
  printLine(
    [
      `Latchkey listens on ${urlOf(api, scheme)}/v2.1/`,
      ...(metadata.length > 0 ? [`Guests find their metadata at ${metadata.join(' and ')}`] : []),
      ...(admin ? [`Operators find metrics at ${urlOf(admin)}/metrics`] : []),
      ...announce({ ...config, port: api.port }),
    ].join('\n'),
  );
}

const urlOf = ({ address, port }: AddressInfo, scheme = 'http'): string =>
  `${scheme}://${address.includes(':') ? `[${address.replace('%', '%25')}]` : address}:${port}`;

function openingLine(config: Config): string {
  if (config.databaseUrl !== undefined) return 'Connecting to PostgreSQL ...';
  if (config.dataDir === IN_MEMORY) return 'Opening a database in memory, which ends with this process ...';
  return `Opening the embedded database in ${embeddedDirectory(config)} (the first start takes some seconds) ...`;
}

/** Errors whose message states what the operator can do. */
const EXPECTED = [DatabaseUnusable, DirectoryInUse, MigrationsMissing, UnusableDirectory];

/** Prints why the service cannot start, and returns the exit status. */
function reportFailure(error: unknown): number {
  if (error instanceof InvalidConfig) {
    printLine(
      `Latchkey cannot start; these settings are wrong:\n${error.problems.map((each) => `  ${each}`).join('\n')}`,
    );
    return EX_CONFIG;
  }
  printLine(`Latchkey cannot start: ${reason(error as NodeJS.ErrnoException & { address?: string; port?: number })}`);
  return 1;
}

function reason(error: NodeJS.ErrnoException & { address?: string; port?: number }): string {
  if (error.syscall === 'listen' && error.code === 'EADDRINUSE') {
    return `${error.address}:${error.port} is in use by another process. Stop that one, or set PORT or METADATA_PORT.`;
  }
  // Messages of the operating system and PostgreSQL help the operator; anything else is a bug, which needs the stack.
  const isExpected = EXPECTED.some((kind) => error instanceof kind) || error.code !== undefined;
  return isExpected ? error.message : String(error.stack ?? error);
}
