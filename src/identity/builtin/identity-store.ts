import type { Directory } from './directory.js';

/** The users and projects in memory, from a file or the database. */
export abstract class IdentityStore {
  private readonly listeners: (() => void)[] = [];

  /** The current users and projects. */
  abstract current(): Directory;

  /** Calls the listener after the users and projects have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  protected changed(): void {
    for (const listener of this.listeners) listener();
  }
}
