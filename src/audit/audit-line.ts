/** A change or a log-in. Values are names and ids, never contents. */
export interface Change {
  /** Such as `keypair.create`. */
  readonly action: string;
  /** The id of the user or project that owns what was changed; undefined if it has no owner. */
  readonly owner: string | undefined;
  /** The name or id of what was changed. */
  readonly name: string | undefined;
  readonly fingerprint?: string | undefined;
  /** Of a keypair, the algorithm of its key, such as `ssh-ed25519`; of a log-in, its method. */
  readonly kind?: string | undefined;
  /** When a keypair ends, UTC. */
  readonly expires?: string | undefined;
  /** Of a keypair of a user, the project that has one of the same name. */
  readonly hides?: string | undefined;
  /** Of an SSH certificate, whom it is for. */
  readonly principals?: readonly string[];
  /** Why a log-in was refused. */
  readonly reason?: string;
}

/** Who made the change. */
export interface Actor {
  /** The id of the authenticated user. */
  readonly user?: string | undefined;
  readonly project?: string | undefined;
  /** At the command line, the account of the operating system. */
  readonly account?: string;
  /** The address of the client; at the command line, the name of the host. */
  readonly from: string;
}

/** The members of an audit line, in the order in which they are written. */
export function auditLine(
  { action, owner, name, fingerprint, kind, expires, hides, principals, reason }: Change,
  by: Actor,
): object {
  const { user, project, account, from } = by;
  return { action, owner, name, fingerprint, kind, expires, hides, principals, reason, user, project, account, from };
}
