import type { DataSource } from 'typeorm';
import type { Config } from '../../../config/config.js';
import { MigrationCheck, MigrationsMissing } from '../../../persistence/migration-check.js';
import { CliError, Interrupted } from '../../cli-error.js';
import { withCompute } from '../../cloud/open-compute.js';
import { EXIT } from '../../exit-codes.js';
import type { OptionsOf } from '../../global-options.js';
import { tell } from '../../output/print.js';
import { withProgress } from '../../output/progress.js';
import { showList } from '../../output/show.js';
import { commandLineAudit } from '../command-line-audit.js';
import { serviceConfig } from '../service-config.js';
import { withDatabase } from '../with-database.js';
import { StopSignals } from '../../stop-signals.js';
import { Dump } from './dump.js';
import { Importer, type ImportOptions } from './importer.js';
import { KeyJudge } from './key-judge.js';
import { KeypairStore } from './keypair-store.js';
import { progressBar } from './progress-bar.js';
import { RunningNova } from './running-nova.js';
import type { Source } from './source.js';

export type ImportNovaOptions = OptionsOf<
  ImportOptions & {
    readonly dump?: string;
    readonly user: readonly string[];
  }
>;

/** Takes the keypairs of a Nova over, and reports on those there is something to say about. Throws CliError. */
export async function importNova(options: ImportNovaOptions): Promise<void> {
  const config = serviceConfig();
  if (options.dump !== undefined) {
    if (options.user.length > 0)
      throw new CliError('--user is for a running Nova; leave it out of --dump.', EXIT.usage);
    return takeOver(config, await Dump.open(options.dump), options);
  }
  // Later lists come in pages, and later names can be read at every version.
  return withCompute({ ...options, osComputeApiVersion: '2.10' }, async (compute, http) =>
    takeOver(config, await RunningNova.open(compute, http, options.user), options),
  );
}

async function takeOver(config: Config, source: Source, options: ImportNovaOptions): Promise<void> {
  await withDatabase(config, async (database) => {
    await migrated(database, config);
    const audit = options.dryRun ? () => {} : commandLineAudit(config);
    const importer = new Importer(source, new KeypairStore(database), new KeyJudge(config), options, audit);
    const stop = new StopSignals();
    try {
      await withProgress('Importing keypairs', (say) => takeAll(source, importer, stop, say), options.quiet);
    } finally {
      stop.release();
      await report(importer, options);
    }
    if (importer.failed > 0) throw new CliError(`${importer.failed} keypairs could not be imported; see the report.`);
  });
}

/** Every batch is whole when this ends, by whatever signal. */
async function takeAll(
  source: Source,
  importer: Importer,
  stop: StopSignals,
  say: (news: string) => void,
): Promise<void> {
  const asked = stop.asked;
  const batches = source.batches()[Symbol.asyncIterator]();
  for (;;) {
    // A dump on standard input may be a long time coming.
    const next = await Promise.race([batches.next(), asked]);
    if (next === undefined || (await stop.have()))
      throw new Interrupted('Interrupted. The same command goes on from here.');
    if (next.done) return;
    await importer.take(next.value);
    say(`Importing keypairs ${progressBar(next.value.done, source.total)} ${importer.imported} new`);
  }
}

/** As at a start of the service: the embedded database is migrated, and an external one only where that is asked for. */
async function migrated(database: DataSource, config: Config): Promise<void> {
  try {
    await new MigrationCheck(database, config).onModuleInit();
  } catch (cause) {
    if (!(cause instanceof MigrationsMissing)) throw cause;
    throw new CliError('The database is not up to date; run "latchkey migrate run" first.', EXIT.failed, { cause });
  }
}

async function report(importer: Importer, options: ImportNovaOptions): Promise<void> {
  const { findings, imported, present, refused, failed } = importer;
  if (findings.length > 0) {
    await showList(
      ['User', 'Name', 'Result', 'Reason'],
      findings.map((finding) => ({ ...finding })),
      options,
    );
  }
  if (options.quiet) return;
  const first = options.dryRun ? 'Would be imported' : 'Imported';
  const counts = [`${first}: ${imported}.`, `There already: ${present}.`, `Left out: ${refused + failed}.`];
  tell(counts.join(' '));
}
