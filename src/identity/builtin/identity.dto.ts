import { ApiProperty } from '@nestjs/swagger';
import type { Envelope } from '../../http/shapes/shape.js';

/**
 * The body of a log-in, for OpenAPI; `auth-request.ts` reads it, in Keystone's order and words. What else is in it is
 * ignored, as clients expect of Keystone.
 */

/** By id or by name. */
export class NamedDomain {
  @ApiProperty({ type: String, required: false }) id?: string;
  @ApiProperty({ type: String, required: false }) name?: string;
}

/** By id, or by name and domain. */
export class NamedProject {
  @ApiProperty({ type: String, required: false }) id?: string;
  @ApiProperty({ type: String, required: false }) name?: string;
  @ApiProperty({ type: NamedDomain, required: false }) domain?: NamedDomain;
}
export class LogInUser extends NamedProject {
  @ApiProperty({ type: String }) password: string;
}
export class LogInPassword {
  @ApiProperty({ type: LogInUser }) user: LogInUser;
}
export class LogInToken {
  @ApiProperty({ type: String }) id: string;
}
export class LogInIdentity {
  @ApiProperty({ type: [String], enum: ['password', 'token'], minItems: 1 }) methods: string[];
  @ApiProperty({ type: LogInPassword, required: false, description: 'With the method of that name.' })
  password?: LogInPassword;
  @ApiProperty({ type: LogInToken, required: false, description: 'With the method of that name.' }) token?: LogInToken;
}
export class WholeSystem {
  @ApiProperty({ enum: [true] }) all: boolean;
}

/** Exactly one of these. */
export class LogInScope {
  @ApiProperty({ type: NamedProject, required: false }) project?: NamedProject;
  @ApiProperty({ type: NamedDomain, required: false }) domain?: NamedDomain;
  @ApiProperty({ type: WholeSystem, required: false }) system?: WholeSystem;
}
export class LogInAuth {
  @ApiProperty({ type: LogInIdentity }) identity: LogInIdentity;
  @ApiProperty({ type: LogInScope, required: false, description: 'What the token is for; without one, for nothing.' })
  scope?: LogInScope;
}

export const logInBody: Envelope<LogInAuth> = { property: 'auth', shape: LogInAuth };
