/** A version of the metadata with its changes. It holds until a later row replaces it. */
export interface DatedRow<Contract> {
  /** A date such as `2018-08-27`; the first of EC2's is `1.0`. */
  readonly version: string;
  readonly changes: string;
  readonly now: Partial<Contract>;
}

/** The versions of a metadata tree, oldest first, and the contract that follows from them at each. */
export class DatedHistory<Contract extends object> {
  private readonly contracts = new Map<string, Contract>();

  constructor(first: DatedRow<Contract> & { readonly now: Contract }, ...later: DatedRow<Contract>[]) {
    let contract: Contract = first.now;
    for (const { version, now } of [first, ...later]) {
      contract = { ...contract, ...now };
      this.contracts.set(version, contract);
    }
    this.contracts.set('latest', contract);
    this.rows = [first, ...later];
  }

  readonly rows: readonly DatedRow<Contract>[];

  /** The contract at a version or `latest`; undefined if there is no such version. */
  at(version: string): Contract | undefined {
    return this.contracts.get(version);
  }

  /** All versions and `latest`. */
  versions(): string[] {
    return [...this.contracts.keys()];
  }

  /** The same without versions of future days, which Nova serves but does not list. `today` is `2026-01-31`. */
  versionsUntil(today: string): string[] {
    return this.versions().filter((each) => each <= today || each === 'latest');
  }
}
