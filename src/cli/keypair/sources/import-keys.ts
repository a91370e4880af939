import { KEY_TYPES } from '../../../crypto/key-types.js';
import { excerpt } from '../../../domain/excerpt.js';
import { KeypairType } from '../../../domain/keypair-type.js';
import { CliError, Interrupted, UsageError } from '../../cli-error.js';
import type { OptionsOf } from '../../global-options.js';
import { fingerprintOf } from '../../keys/fingerprints.js';
import { printMessage } from '../../output/print.js';
import { showList } from '../../output/show.js';
import { confirm } from '../../prompt.js';
import { intake } from '../check-key.js';
import { importKeypair } from '../import-keypair.js';
import { lifeOf } from '../life/life-options.js';
import type { KeypairRecords, RecordChange } from '../life/records.js';
import { withRecords } from '../open-keypairs.js';
import { matching, readAgentKeys, readSource, type SourceLines } from './read-source.js';

type ImportKeysOptions = OptionsOf<{
  readonly prefix?: string;
  readonly select?: string;
  readonly sync?: boolean;
  readonly yes?: boolean;
  readonly expires?: string;
  readonly shared?: boolean;
  readonly user?: string;
}>;

/** What is to be done with a line of a source, or with a keypair that came from it. */
type Step = { readonly name: string; readonly fingerprint: string; readonly source: string } & (
  | { readonly act: 'import'; readonly line: string }
  | { readonly act: 'refuse'; readonly reason: string }
  | { readonly act: 'delete' }
);

/**
 * Imports the SSH keys of sources; a refused key does not stop the others. Names are derived from the keys, so a repetition
 * changes nothing.
 */
export async function importKeys(sources: readonly string[], options: ImportKeysOptions): Promise<void> {
  const life = lifeOf({ expires: options.expires });
  const read: SourceLines[] = [];
  for (const source of sources) read.push(await readSource(source));
  await withRecords(options, async (records) => {
    const judged = judge(read, options.prefix);
    const steps = select(judged, options.select);
    if (options.sync) steps.push(...(await leftOver(records, read, judged)));
    await confirmSteps(steps, options);
    const done: { step: Step; outcome: string }[] = [];
    const failures: CliError[] = [];
    for (const step of steps) {
      try {
        done.push({ step, outcome: await take(records, step, life) });
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        failures.push(error);
        done.push({ step, outcome: `failed: ${error.message}` });
      }
    }
    const rows = done.map(({ step, outcome }) => ({
      Name: step.name,
      Fingerprint: step.fingerprint,
      Source: step.source,
      Outcome: outcome,
    }));
    await showList(['Name', 'Fingerprint', 'Source', 'Outcome'], rows, options);
    if (failures.length > 0) throw failures[0];
    if (!steps.some(({ act }) => act !== 'refuse')) throw new CliError('No key can be imported.');
  });
}

function judge(read: readonly SourceLines[], prefix: string | undefined): Step[] {
  const refusalOf = intake();
  return read.flatMap(({ source, label, lines }) =>
    lines.map((line): Step => {
      const fingerprint = fingerprintOf(line, 'sha256') ?? '';
      const reason = refusalOf(line, KeypairType.Ssh, 'strict');
      if (reason !== undefined) return { act: 'refuse', name: '', fingerprint, source, reason: excerpt(reason) };
      const { algorithm = '' } = KEY_TYPES[KeypairType.Ssh].describe(line);
      const digest = Buffer.from(fingerprint.replace('SHA256:', ''), 'base64').toString('hex').slice(0, 8);
      const name = `${prefix ?? ''}${label.replaceAll(/[^\w-]/g, '-')}-${shortName(algorithm)}-${digest}`;
      return { act: 'import', name, fingerprint, source, line };
    }),
  );
}

/** As ssh-keygen's -t takes it, such as ed25519 or ecdsa-sk. */
function shortName(algorithm: string): string {
  const [family = 'key'] = /ed25519|ecdsa|rsa/.exec(algorithm) ?? [];
  return algorithm.startsWith('sk-') ? `${family}-sk` : family;
}

/** The chosen ones: `all`, numbers as they are shown, or fingerprints, with commas between them. Throws UsageError. */
function select(steps: readonly Step[], choice = 'all'): Step[] {
  if (choice === 'all') return [...steps];
  return choice.split(',').map((each) => {
    const step = steps.find(({ fingerprint }, at) => each === fingerprint || each === String(at + 1));
    if (step === undefined)
      throw new UsageError(`--select must be all, or numbers from 1 to ${steps.length} or fingerprints of the keys.`);
    return step;
  });
}

/** The keypairs that came from the sources, and whose keys these no longer have. */
async function leftOver(
  records: KeypairRecords,
  read: readonly SourceLines[],
  judged: readonly Step[],
): Promise<Step[]> {
  const held = new Set(judged.map(({ fingerprint }) => fingerprint));
  const steps: Step[] = [];
  for (const { source } of read) {
    for await (const page of records.pages({ tag: `source:${source}` })) {
      for (const { name, fingerprints } of page.items) {
        const fingerprint = fingerprints.sha256 ?? '';
        if (!held.has(fingerprint)) steps.push({ act: 'delete', name, fingerprint, source });
      }
    }
  }
  return steps;
}

async function confirmSteps(steps: readonly Step[], { yes, quiet }: ImportKeysOptions): Promise<void> {
  if (yes) return;
  if (!quiet || process.stdin.isTTY) {
    for (const [at, step] of steps.entries()) {
      const what = step.act === 'refuse' ? `refused: ${step.reason}` : `${step.act} ${step.name}`;
      printMessage(`${String(at + 1).padStart(3)}  ${step.fingerprint}  ${step.source}  ${what}`);
    }
  }
  if (!process.stdin.isTTY) throw new UsageError('Compare the fingerprints, and add --yes.');
  if (!(await confirm('Do this?'))) throw new Interrupted('Nothing was changed.');
}

async function take(records: KeypairRecords, step: Step, life: RecordChange): Promise<string> {
  switch (step.act) {
    case 'refuse':
      return `refused: ${step.reason}`;
    case 'delete':
      await records.delete(step.name);
      return 'deleted';
    case 'import':
      await records.apply(step.name, {
        public_key: step.line,
        type: KeypairType.Ssh,
        tags: { source: step.source },
        ...life,
      });
      return 'imported';
  }
}

/** Registers one key of the SSH agent, by its comment or fingerprint, or the only one. Throws CliError. */
export async function importAgentKey(name: string, wish: string, options: ImportKeysOptions): Promise<void> {
  const lines = matching(await readAgentKeys(), wish);
  if (lines.length === 1) return importKeypair(name, { text: lines[0] }, options);
  const held = lines.map((line) => `  ${fingerprintOf(line, 'sha256') ?? ''} ${line.split(' ').slice(2).join(' ')}`);
  throw new UsageError(
    lines.length === 0
      ? 'The SSH agent has no such key; see "ssh-add -l".'
      : `The SSH agent has ${lines.length} such keys; name one by its comment or fingerprint:\n${held.join('\n')}`,
  );
}
