/** A change that somebody made, or a log-in. Values are names and ids, never contents. */
export interface Change {
  /** What was done, as in `keypair.create`. */
  readonly action: string;
  /** For whom: the id of the user or project that owns what was changed; undefined where nobody of ours does. */
  readonly owner: string | undefined;
  /** The name or id of what was changed. */
  readonly name: string | undefined;
  readonly fingerprint?: string | undefined;
  /** Of a keypair, the kind of its key, such as `ssh-ed25519`; of a log-in, what it was done with. */
  readonly kind?: string | undefined;
  /** Of a log-in that was refused, why. */
  readonly reason?: string;
}

/** Who did it. */
export interface Actor {
  /** The id of the user that the identity service knows. */
  readonly user?: string | undefined;
  readonly project?: string | undefined;
  /** At the command line, the account of the operating system. */
  readonly account?: string;
  /** The address of the client; at the command line, the name of the host. */
  readonly from: string;
}

/** What an audit line tells, in the order in which it is written. */
export function audited({ action, owner, name, fingerprint, kind, reason }: Change, by: Actor): object {
  const { user, project, account, from } = by;
  return { action, owner, name, fingerprint, kind, reason, user, project, account, from };
}
