import { notFound } from '../../../http/faults/keystone-fault.js';
import type { Directory, Project, User } from '../directory/directory.js';

/** The users and projects in memory, from a file or the database. */
export abstract class IdentityStore {
  private readonly listeners: (() => void)[] = [];

  /** The current users and projects. */
  abstract current(): Directory;

  /** Throws a KeystoneFault, 404. */
  user(id: string): User {
    const user = this.current().user(id);
    if (!user) throw notFound(`user: ${id}`);
    return user;
  }

  /** Throws a KeystoneFault, 404. */
  project(id: string): Project {
    const project = this.current().project(id);
    if (!project) throw notFound(`project: ${id}`);
    return project;
  }

  /** Calls the listener after the users and projects have changed. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  protected changed(): void {
    for (const listener of this.listeners) listener();
  }
}
