import type { Config } from '../../../config/config.js';
import { Database } from '../../../persistence/database.js';
import { KeypairImportRepository } from '../../../persistence/repositories/keypair-import.repository.js';
import { KeypairRecordRepository } from '../../../persistence/repositories/keypair-record.repository.js';
import { CliError, Interrupted, UsageError } from '../../cli-error.js';
import { withCompute } from '../../cloud/open-compute.js';
import type { OptionsOf } from '../../global-options.js';
import { printMessage } from '../../output/print.js';
import { withProgress } from '../../output/progress.js';
import { showList } from '../../output/show.js';
import { commandLineAudit } from '../command-line-audit.js';
import { serviceConfig } from '../service-config.js';
import { requireMigrated, withDatabase } from '../with-database.js';
import { StopSignals } from '../../stop-signals.js';
import { Dump } from './dump.js';
import { Importer, type ImportOptions } from './importer.js';
import { KeyJudge } from './key-judge.js';
import { RunningNova } from './running-nova.js';
import type { Source } from './source.js';

type ImportNovaOptions = OptionsOf<
  ImportOptions & {
    readonly dump?: string;
    readonly database?: string;
    readonly user?: readonly string[];
  }
>;

/** Imports the keypairs of a Nova and reports the weak and the failed ones. Throws CliError. */
export async function importNova(options: ImportNovaOptions): Promise<void> {
  const config = serviceConfig();
  if (options.dump !== undefined) {
    if (options.user !== undefined) throw new UsageError('--user applies to a running Nova only; omit it with --dump.');
    return importFrom(config, await Dump.open(options.dump, options.database), options);
  }
  // The last version whose lists have no pages.
  return withCompute({ ...options, osComputeApiVersion: '2.10' }, async (compute, http) =>
    importFrom(config, await RunningNova.open(compute, http, options.user ?? []), options),
  );
}

async function importFrom(config: Config, source: Source, options: ImportNovaOptions): Promise<void> {
  await withDatabase(config, async (database) => {
    await requireMigrated(database, config);
    const audit = options.dryRun ? () => {} : commandLineAudit(config);
    const importer = new Importer(source, new KeypairImportRepository(database), new KeyJudge(config), options, audit);
    const stop = new StopSignals();
    try {
      await withProgress(
        'Importing keypairs',
        (update) => importBatches(source, importer, stop, update),
        options.quiet,
      );
      if (!options.dryRun) await new KeypairRecordRepository(new Database(database, config, undefined)).fillDigests();
    } finally {
      stop.release();
      await report(importer, source, options);
    }
    if (importer.failed > 0) throw new CliError(`${importer.failed} keypairs could not be imported; see the report.`);
  });
}

/** A signal ends this between two batches. */
async function importBatches(
  source: Source,
  importer: Importer,
  stop: StopSignals,
  update: (text: string) => void,
): Promise<void> {
  const stopped = stop.stopped;
  const batches = source.batches()[Symbol.asyncIterator]();
  for (;;) {
    // Standard input may stay silent for long.
    const next = await Promise.race([batches.next(), stopped]);
    if (next === undefined || (await stop.arrived()))
      throw new Interrupted('Interrupted. The same command goes on from here.');
    if (next.done) return;
    await importer.take(next.value);
    update(`Importing keypairs ${progressBar(next.value.done, source.total)} ${importer.imported} new`);
  }
}

async function report(importer: Importer, source: Source, options: ImportNovaOptions): Promise<void> {
  const { findings, imported, present, refused, failed, changed } = importer;
  if (findings.length > 0) {
    await showList(
      ['User', 'Name', 'Result', 'Reason'],
      findings.map((finding) => ({ ...finding })),
      options,
    );
  }
  if (options.quiet) return;
  const counts = [
    `${options.dryRun ? 'Would be imported' : 'Imported'}: ${imported}.`,
    `There already: ${present}.`,
    `Left out: ${refused + failed}.`,
    ...(source.deleted > 0 ? [`Deleted in Nova: ${source.deleted}.`] : []),
    ...(changed > 0 ? [`Changed meanwhile: ${changed}; run the command again.`] : []),
  ];
  printMessage(counts.join(' '));
  for (const note of source.notes) printMessage(note);
}

const BAR_WIDTH = 24;

/** A bar with a percentage: `[######                  ]  25 %`; nothing where the total is not known. */
function progressBar(done: number, total: number | undefined): string {
  if (total === undefined) return '';
  const part = total === 0 ? 1 : Math.min(1, done / total);
  return `[${'#'.repeat(Math.round(part * BAR_WIDTH)).padEnd(BAR_WIDTH)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
}
