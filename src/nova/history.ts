import { compareMicroversions, type Microversion, readMicroversion } from '../domain/microversion.js';

/** One change that a client can see. It holds from its microversion on until a later row replaces it. */
export interface HistoryRow<Contract> {
  readonly from: string;
  /** The change in one or two sentences for clients; `docs/microversions.md` is printed from it. */
  readonly changes: string;
  readonly now: Partial<Contract>;
}

/** What changed when, oldest first, and the contract that follows from it at any microversion. */
export class History<Contract extends object> {
  private readonly contracts: readonly { readonly from: Microversion; readonly contract: Contract }[];

  constructor(first: HistoryRow<Contract> & { readonly now: Contract }, ...later: HistoryRow<Contract>[]) {
    let contract: Contract = first.now;
    this.contracts = [first, ...later].map((row) => {
      contract = { ...contract, ...row.now };
      return { from: readMicroversion(row.from), contract };
    });
    this.rows = [first, ...later];
  }

  readonly rows: readonly HistoryRow<Contract>[];

  /** The contract at a microversion: all rows up to it merged. Throws RangeError before the first row. */
  at(version: Microversion): Contract {
    const row = this.contracts.findLast(({ from }) => compareMicroversions(from, version) <= 0);
    if (!row) throw new RangeError(`no row for microversion ${version.major}.${version.minor}`);
    return row.contract;
  }
}
