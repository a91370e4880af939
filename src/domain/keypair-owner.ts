/**
 * Keypairs belong to a user or to a project. What is stored of a project has this in place of the user's id. No user has such an id:
 * those of Keystone are hexadecimal, and neither `http_basic` nor `none` takes one with a colon.
 */
const PROJECT = 'project:';

/** The owner of a project's keypairs. */
export const ownerOfProject = (projectId: string): string => PROJECT + projectId;

/** The project that an owner is; undefined for a user. */
export const projectOf = (owner: string): string | undefined =>
  owner.startsWith(PROJECT) ? owner.slice(PROJECT.length) : undefined;
