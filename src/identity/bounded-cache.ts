/** Remembers at most `capacity` values, each until its time. The one that was put in first makes room for a new one. */
export class BoundedCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(private readonly capacity: number) {}

  /** The value, as long as its time has not come. */
  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > Date.now()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  /** `until` is in milliseconds since 1970. */
  set(key: string, value: Value, until: number): void {
    this.entries.delete(key);
    if (this.entries.size >= this.capacity) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(key, { value, until });
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  /** Forgets the values of which something holds. */
  deleteIf(isGone: (value: Value) => boolean): void {
    for (const [key, { value }] of this.entries) if (isGone(value)) this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }
}
