import type { DataSource } from 'typeorm';
import type { Config } from '../../../config/config.js';
import { Directory, plainProject, plainUser, SYSTEM } from '../../../identity/builtin/directory/directory.js';
import { newId } from '../../../identity/builtin/store/first-start.js';
import { type NewUser, NoSuchEdit } from '../../../identity/builtin/administration/identity-editor.js';
import { Database } from '../../../persistence/database.js';
import { IdentityRepository, type Imported } from '../../../persistence/repositories/identity.repository.js';

/** The users of the database, for the command line. A running service hears of each change. */
export class DatabaseUsers {
  private constructor(private readonly identities: IdentityRepository) {}

  static of(source: DataSource, config: Config): DatabaseUsers {
    return new DatabaseUsers(new IdentityRepository(new Database(source, config, undefined), source));
  }

  async directory(): Promise<Directory> {
    return Directory.of((await this.identities.load())!.identity);
  }

  /** Returns the id of the user. Throws {@link NoSuchEdit}. */
  async add({ name, passwordHash, projectRoles, systemRoles }: NewUser): Promise<string> {
    const directory = await this.directory();
    if (directory.userNamed(name)) throw new NoSuchEdit('taken', name);
    const id = newId();
    const projects = Object.keys(projectRoles).map(
      (project) => directory.projectNamed(project) ?? plainProject(newId(), project),
    );
    const user = plainUser(id, name, passwordHash);
    const assignments = [
      ...projects.flatMap((project) => projectRoles[project.name].map((role) => ({ target: project.id, role }))),
      ...systemRoles.map((role) => ({ target: SYSTEM, role })),
    ].map((each) => ({ userId: id, ...each }));
    if ((await this.identities.import({ users: [user], projects, assignments })) === 'taken') {
      throw new NoSuchEdit('taken', name);
    }
    return id;
  }

  /** Returns the id of the user. Throws {@link NoSuchEdit}. */
  async setPassword(name: string, passwordHash: string): Promise<string> {
    const { id } = await this.named(name);
    await this.identities.changeUser(id, { passwordHash });
    return id;
  }

  /** Sets the secret of one-time codes; undefined removes it. Returns the id of the user. Throws {@link NoSuchEdit}. */
  async setCodeSecret(name: string, secret: string | undefined): Promise<string> {
    const { id } = await this.named(name);
    await this.identities.changeUser(id, { codeSecret: secret ?? null });
    return id;
  }

  /** Returns the id of the removed user. Throws {@link NoSuchEdit}. */
  async remove(name: string): Promise<string> {
    const { id } = await this.named(name);
    await this.identities.removeUser(id);
    return id;
  }

  /** Adds new users and projects; undefined, without a change, if a name belongs to another user or project. */
  async import(directory: Directory): Promise<Imported | undefined> {
    const imported = await this.identities.import(directory.toStored());
    return imported === 'taken' ? undefined : imported;
  }

  private async named(name: string): Promise<{ readonly id: string }> {
    const user = (await this.directory()).userNamed(name);
    if (!user) throw new NoSuchEdit('missing', name);
    return user;
  }
}
