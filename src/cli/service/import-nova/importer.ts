import type { Change } from '../../../audit/audit-line.js';
import { kindOf } from '../../../audit/kind-of-key.js';
import type { Judgement, KeyJudge } from './key-judge.js';
import { keyOf, type KeypairStore, type StoredRow } from './keypair-store.js';
import type { NovaRow } from './nova-row.js';
import type { Batch, Source } from './source.js';

/** What came of a keypair about which there is something to say. */
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

/** Takes keypairs over, a batch at a time, and keeps account. */
export class Importer {
  readonly findings: Finding[] = [];
  /** Added, or in a dry run those that would be. */
  imported = 0;
  /** There already, with the same key. */
  present = 0;
  /** Kept out on purpose, since the strict policy refuses them. */
  refused = 0;
  /** No keypairs, or others of the same name are there. */
  failed = 0;

  constructor(
    private readonly source: Source,
    private readonly store: KeypairStore,
    private readonly keys: KeyJudge,
    private readonly options: ImportOptions,
    private readonly audit: (changes: readonly Change[]) => void,
  ) {}

  async take({ rows, unreadable }: Batch): Promise<void> {
    for (const { userId, name, reason } of unreadable) this.leaveOut(userId, name, reason);
    const stored = await this.store.stored(rows);
    const wanted = new Map<string, Judged>();
    for (const row of rows) {
      const judged = { row, judgement: this.keys.judge(row) };
      const key = keyOf(row.userId, row.name);
      const known = stored.get(key) ?? asStored(wanted.get(key)?.row);
      if (known !== undefined) this.compare(judged, known);
      else if (this.isWanted(judged)) wanted.set(key, judged);
    }
    await this.add(wanted);
  }

  private isWanted({ row, judgement }: Judged): boolean {
    if (judgement.kind === 'unreadable') {
      this.leaveOut(row.userId, row.name, `its key cannot be read: ${judgement.reason}`);
      return false;
    }
    if (judgement.kind === 'good' || !this.options.strict) return true;
    this.refused += 1;
    this.noteWeak({ row, judgement }, 'left out');
    return false;
  }

  private async add(wanted: ReadonlyMap<string, Judged>): Promise<void> {
    const rows = [...wanted.values()].map(({ row }) => row);
    const added = this.options.dryRun ? new Set(wanted.keys()) : await this.added(rows);
    const judgedAdded = [...wanted].filter(([key]) => added.has(key)).map(([, judged]) => judged);
    if (!this.options.dryRun) this.audit(judgedAdded.map(({ row }) => asChange(row)));
    for (const judged of judgedAdded) {
      this.imported += 1;
      this.noteWeak(judged, this.options.dryRun ? 'would be imported' : 'imported');
    }
  }

  /** What is gone from Nova meanwhile, or was made here meanwhile, is not told of: the next run sees it as it is then. */
  private async added(rows: readonly NovaRow[]): Promise<ReadonlySet<string>> {
    const complete = await this.source.complete(rows);
    return complete.length === 0 ? new Set() : this.store.add(complete);
  }

  private compare(judged: Judged, known: StoredRow): void {
    const { row } = judged;
    if (known.type !== row.type || known.public_key !== row.publicKey) {
      this.leaveOut(row.userId, row.name, 'another keypair has its name');
      return;
    }
    this.present += 1;
    // A run that goes on where another was stopped reports on all keypairs.
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

function asChange({ userId, name, type, fingerprint, publicKey }: NovaRow): Change {
  return { action: 'keypair.import', owner: userId, name, fingerprint, kind: kindOf(type, publicKey) };
}

interface Judged {
  readonly row: NovaRow;
  readonly judgement: Judgement;
}

function asStored(row: NovaRow | undefined): StoredRow | undefined {
  if (row === undefined) return undefined;
  const { userId, name, type, fingerprint, publicKey } = row;
  return { user_id: userId, name, type, fingerprint, public_key: publicKey };
}
