import { readFileSync, realpathSync } from 'node:fs';
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { writePrivately } from '../../../files/private-file.js';
import { newId } from '../store/first-start.js';
import { readIdentity } from '../store/identity-file.js';

/** A user to add. */
export interface NewUser {
  readonly name: string;
  readonly passwordHash: string;
  /** Names of roles by name of project; missing projects are created. */
  readonly projectRoles: Readonly<Record<string, readonly string[]>>;
  readonly systemRoles: readonly string[];
}

/** A user of that name exists already, or does not exist. */
export class NoSuchEdit extends Error {
  constructor(
    readonly kind: 'taken' | 'missing',
    name: string,
  ) {
    super(kind === 'taken' ? `There is a user ${name} already.` : `There is no user ${name}.`);
    this.name = 'NoSuchEdit';
  }
}

/** Another process changed the file between reading and writing. */
export class ChangedMeanwhile extends Error {
  constructor() {
    super('Another process changed the identity file at the same time. Nothing was written; run the command again.');
    this.name = 'ChangedMeanwhile';
  }
}

/**
 * Changes an identity file and leaves its comments and order as they are. Each change is checked as the service would check
 * it, and written whole or not at all.
 */
export class IdentityEditor {
  private constructor(
    private readonly path: string,
    private readonly before: string,
    private readonly document: Document,
  ) {}

  /** Throws InvalidIdentityFile, or the error of the file system. */
  static open(path: string): IdentityEditor {
    // A symbolic link stays one: the file it names is replaced.
    const real = realpathSync(path);
    const text = readFileSync(real, 'utf8');
    readIdentity(text);
    return new IdentityEditor(real, text, parseDocument(text));
  }

  /** Returns the id of the user. Throws {@link NoSuchEdit}. */
  add({ name, passwordHash, projectRoles, systemRoles }: NewUser): string {
    if (this.find('users', name)) throw new NoSuchEdit('taken', name);
    for (const project of Object.keys(projectRoles)) this.addProject(project);
    const id = newId();
    this.list('users').add(
      this.document.createNode({
        id,
        name,
        password: passwordHash,
        roles: projectRoles,
        ...(systemRoles.length > 0 && { system_roles: systemRoles }),
      }),
    );
    return id;
  }

  /** Returns the id of the user. Throws {@link NoSuchEdit}. */
  setPassword(name: string, passwordHash: string): string {
    const user = this.userNamed(name);
    user.set('password', passwordHash);
    return String(user.get('id'));
  }

  /** Sets the secret of one-time codes; undefined removes it. Returns the id of the user. Throws {@link NoSuchEdit}. */
  setCodeSecret(name: string, secret: string | undefined): string {
    const user = this.userNamed(name);
    if (secret === undefined) user.delete('totp');
    else user.set('totp', secret);
    return String(user.get('id'));
  }

  /** Returns the id of the removed user. Throws {@link NoSuchEdit}. Projects stay, since they may have other users. */
  remove(name: string): string {
    const user = this.userNamed(name);
    const users = this.list('users');
    users.items = users.items.filter((each) => each !== user);
    return String(user.get('id'));
  }

  /** Writes the changes. Throws InvalidIdentityFile, {@link ChangedMeanwhile}, or the error of the file system. */
  save(): void {
    const after = this.document.toString({ lineWidth: 0 });
    readIdentity(after);
    if (readFileSync(this.path, 'utf8') !== this.before) throw new ChangedMeanwhile();
    writePrivately(this.path, after);
  }

  private addProject(name: string): void {
    if (!this.find('projects', name)) this.list('projects').add(this.document.createNode({ id: newId(), name }));
  }

  private userNamed(name: string): YAMLMap {
    const user = this.find('users', name);
    if (!user) throw new NoSuchEdit('missing', name);
    return user;
  }

  private find(list: 'projects' | 'users', name: string): YAMLMap | undefined {
    return this.list(list).items.find((each): each is YAMLMap => isMap(each) && each.get('name') === name);
  }

  private list(name: 'projects' | 'users'): YAMLSeq {
    const found = this.document.get(name);
    if (isSeq(found)) return found;
    const empty = this.document.createNode([]) as YAMLSeq;
    this.document.set(name, empty);
    return empty;
  }
}
