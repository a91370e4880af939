/** The owner and project of what a caller acts on. */
export interface Target {
  readonly userId?: string;
  readonly projectId?: string;
  /** The user who created it, if it belongs to a project. */
  readonly createdBy?: string;
}

/** The policy in force: whether a rule allows a caller to act on a target. */
export interface Permissions {
  allows(rule: string, caller: Caller, target: Target): boolean;
}

/** Who makes a change, and by which request. */
export interface Requester {
  readonly userId: string;
  readonly projectId: string | undefined;
  readonly requestId: string;
}

/** The authenticated caller of a request. */
export class Caller implements Requester {
  constructor(
    readonly userId: string,
    /** The project that the token is for; undefined for an unscoped token, and one of a domain or the system. */
    readonly projectId: string | undefined,
    readonly roles: readonly string[],
    readonly rules: Permissions,
    readonly requestId = '',
  ) {}

  /** The same caller, who is kept between requests, in one of them. */
  in(requestId: string): Caller {
    return new Caller(this.userId, this.projectId, this.roles, this.rules, requestId);
  }
}
