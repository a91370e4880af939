import type { Rules } from './policy-rules.js';

/** Who asks, as the identity guard found out. */
export class Caller {
  constructor(
    readonly userId: string,
    /** The project that the token is for; undefined for an unscoped token, and one of a domain or the system. */
    readonly projectId: string | undefined,
    readonly roles: readonly string[],
    /** The policy in force. */
    readonly rules: Rules,
  ) {}
}
