/** What there is none of, for OpenAPI. */
export class NoServer {}
export class NoFlavor {}
export class NoServerGroup {}
export class NoAvailabilityZone {}
export class NoUsage {}
