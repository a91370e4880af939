/** Whose or which thing a caller wants to act on. */
export interface Target {
  readonly userId?: string;
  readonly projectId?: string;
}

/** The policy in force: whether the rule of this name lets a caller act on a target. */
export interface Permissions {
  allows(rule: string, caller: Caller, target: Target): boolean;
}

/** Who is calling, as the identity guard found out. */
export class Caller {
  constructor(
    readonly userId: string,
    /** The project that the token is for; undefined for an unscoped token, and one of a domain or the system. */
    readonly projectId: string | undefined,
    readonly roles: readonly string[],
    readonly rules: Permissions,
  ) {}
}
