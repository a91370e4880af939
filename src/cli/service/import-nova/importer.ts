import type { Change } from '../../../audit/audit-line.js';
import { KEY_TYPES } from '../../../crypto/key-types.js';
import type { Judgement, KeyJudge } from './key-judge.js';
import {
  type ImportedKeypair,
  type KeypairImportRepository,
  keyOf,
} from '../../../persistence/repositories/keypair-import.repository.js';
import type { NovaRow } from './nova-row.js';
import type { Batch, Source } from './source.js';

/** A keypair to report, and why. */
export interface Finding {
  readonly User: string | undefined;
  readonly Name: string | undefined;
  readonly Result: 'imported' | 'would be imported' | 'there already' | 'left out';
  readonly Reason: string;
}

export interface ImportOptions {
  /** Change nothing. */
  readonly dryRun?: boolean;
  /** Leave out what the strict policy refuses. */
  readonly strict?: boolean;
}

/** Imports keypairs in batches and counts every row of the source. */
export class Importer {
  readonly findings: Finding[] = [];
  /** Added, or in a dry run those that would be. */
  imported = 0;
  /** There already, with the same key. */
  present = 0;
  /** Omitted on request, since the strict policy refuses them. */
  refused = 0;
  /** Unreadable, or another keypair has the name. */
  failed = 0;
  /** Changed by users during the run; the next run compares them. */
  changed = 0;

  constructor(
    private readonly source: Source,
    private readonly repository: KeypairImportRepository,
    private readonly keys: KeyJudge,
    private readonly options: ImportOptions,
    private readonly audit: (changes: readonly Change[]) => void,
  ) {}

  async take({ rows, unreadable }: Batch): Promise<void> {
    for (const { userId, name, reason } of unreadable) this.leaveOut(userId, name, reason);
    const known = new Map<string, KnownKeypair>(await this.repository.find(rows));
    const accepted = new Map<string, Judged>();
    for (const row of rows) {
      const judged = { row, judgement: this.keys.judge(row) };
      const key = keyOf(row);
      const other = known.get(key);
      if (other !== undefined) this.compare(judged, other);
      else if (this.isAccepted(judged)) {
        accepted.set(key, judged);
        known.set(key, row);
      }
    }
    await this.add(accepted);
  }

  private isAccepted(judged: Judged): boolean {
    const { row, judgement } = judged;
    if (judgement.kind === 'unreadable') {
      this.leaveOut(row.userId, row.name, `its key cannot be read: ${judgement.reason}`);
      return false;
    }
    if (judgement.kind === 'good' || !this.options.strict) return true;
    this.refused += 1;
    this.noteWeak(judged, 'left out');
    return false;
  }

  private async add(accepted: ReadonlyMap<string, Judged>): Promise<void> {
    const added = this.options.dryRun ? new Set(accepted.keys()) : await this.store(accepted);
    this.changed += accepted.size - added.size;
    const addedKeypairs = [...accepted].filter(([key]) => added.has(key)).map(([, judged]) => judged);
    if (!this.options.dryRun) this.audit(addedKeypairs.map((judged) => asChange(keypairOf(judged.row, judged))));
    for (const judged of addedKeypairs) {
      this.imported += 1;
      this.noteWeak(judged, this.options.dryRun ? 'would be imported' : 'imported');
    }
  }

  private async store(accepted: ReadonlyMap<string, Judged>): Promise<ReadonlySet<string>> {
    const rows = await this.source.complete([...accepted.values()].map(({ row }) => row));
    if (rows.length === 0) return new Set();
    return this.repository.add(rows.map((row) => keypairOf(row, accepted.get(keyOf(row))!)));
  }

  private compare(judged: Judged, known: KnownKeypair): void {
    const { row } = judged;
    if (known.type !== row.type || known.publicKey !== row.publicKey) {
      this.leaveOut(row.userId, row.name, 'another keypair has its name');
      return;
    }
    this.present += 1;
    // A run that continues an interrupted one reports all weak keypairs.
    this.noteWeak(judged, 'there already');
  }

  private leaveOut(userId: string | undefined, name: string | undefined, reason: string): void {
    this.failed += 1;
    this.findings.push({ User: userId, Name: name, Result: 'left out', Reason: reason });
  }

  private noteWeak({ row, judgement }: Judged, result: Finding['Result']): void {
    if (judgement.kind !== 'weak') return;
    const reason = `the strict policy refuses it: ${judgement.reason}`;
    this.findings.push({ User: row.userId, Name: row.name, Result: result, Reason: reason });
  }
}

type KnownKeypair = Pick<ImportedKeypair, 'type' | 'publicKey'>;

interface Judged {
  readonly row: NovaRow;
  readonly judgement: Judgement;
}

/** Nova lets the fingerprint be NULL; it is computed then. */
function keypairOf(row: NovaRow, { judgement }: Judged): ImportedKeypair {
  return { ...row, fingerprint: row.fingerprint ?? (judgement.kind === 'unreadable' ? '' : judgement.fingerprint) };
}

function asChange({ userId, name, type, fingerprint, publicKey }: ImportedKeypair): Change {
  return { action: 'keypair.import', owner: userId, name, fingerprint, kind: KEY_TYPES[type].algorithmOf(publicKey) };
}
