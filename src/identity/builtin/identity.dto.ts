import { ApiProperty, OmitType } from '@nestjs/swagger';
import type { Envelope } from '../../http/shapes/shape.js';
import { METHODS } from './log-in/auth-request.js';

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
export class LogInCodeUser extends NamedProject {
  @ApiProperty({ type: String, description: 'The six digits of an authenticator; each code is accepted once.' })
  passcode: string;
}
export class LogInCode {
  @ApiProperty({ type: LogInCodeUser }) user: LogInCodeUser;
}
export class LogInToken {
  @ApiProperty({ type: String }) id: string;
}
/** By id, or by name and user. */
export class LogInCredential {
  @ApiProperty({ type: String, required: false }) id?: string;
  @ApiProperty({ type: String, required: false }) name?: string;
  @ApiProperty({ type: NamedProject, required: false }) user?: NamedProject;
  @ApiProperty({ type: String }) secret: string;
}
export class LogInIdentity {
  @ApiProperty({ type: [String], enum: METHODS, minItems: 1 }) methods: string[];
  @ApiProperty({ type: LogInPassword, required: false, description: 'Required if `methods` includes this method.' })
  password?: LogInPassword;
  @ApiProperty({ type: LogInCode, required: false, description: 'Required if `methods` includes this method.' })
  totp?: LogInCode;
  @ApiProperty({ type: LogInToken, required: false, description: 'Required if `methods` includes this method.' })
  token?: LogInToken;
  @ApiProperty({ type: LogInCredential, required: false, description: 'Required if `methods` includes this method.' })
  application_credential?: LogInCredential;
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
  @ApiProperty({
    type: LogInScope,
    required: false,
    description:
      'The scope of the token. Default: the default project of the user, or else none. Not allowed with an application credential, which has a project of its own.',
  })
  scope?: LogInScope;
}

export const logInBody: Envelope<LogInAuth> = { property: 'auth', shape: LogInAuth };

/** A role by its id or by its name. */
export class NewCredentialRole {
  @ApiProperty({ type: String, required: false }) id?: string;
  @ApiProperty({ type: String, required: false }) name?: string;
}

/** The body of a new application credential, for OpenAPI; `credential-request.ts` reads it. */
export class NewCredential {
  @ApiProperty({ type: String, minLength: 1, maxLength: 255 }) name: string;
  @ApiProperty({ type: String, required: false, nullable: true }) description?: string | null;
  @ApiProperty({ type: String, required: false, nullable: true, description: 'Default: 256 random bits.' })
  secret?: string | null;
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    description: 'In UTC, such as `2027-01-31T00:00:00Z`.',
  })
  expires_at?: string | null;
  @ApiProperty({
    type: [NewCredentialRole],
    required: false,
    description: 'A subset of the roles of the token. Default: all of them.',
  })
  roles?: NewCredentialRole[];
  @ApiProperty({ type: Boolean, required: false }) unrestricted?: boolean;
  @ApiProperty({ type: [Object], required: false, maxItems: 0, description: 'Not supported.' }) access_rules?: object[];
}

export const createCredentialBody: Envelope<NewCredential> = {
  property: 'application_credential',
  shape: NewCredential,
};

const Name = (maxLength: number, required = true): PropertyDecorator =>
  ApiProperty({ type: String, minLength: 1, maxLength, required });
const Text = (): PropertyDecorator => ApiProperty({ type: String, required: false, nullable: true });
const Enabled = (): PropertyDecorator => ApiProperty({ type: Boolean, required: false });

/** Bodies that change users and projects, for OpenAPI; `administration-request.ts` reads them. Other attributes are stored as they are. */
export class UserChange {
  @Name(255, false) name?: string;
  @ApiProperty({
    type: String,
    minLength: 1,
    required: false,
    nullable: true,
    description: 'Null disables log-ins with a password.',
  })
  password?: string | null;
  @Enabled() enabled?: boolean;
  @Text() email?: string | null;
  @Text() description?: string | null;
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    description: 'The project of a log-in that requests no scope.',
  })
  default_project_id?: string | null;
  @ApiProperty({ type: String, enum: ['default'], required: false }) domain_id?: string;
}
export class NewUser extends OmitType(UserChange, ['name']) {
  @Name(255) name: string;
}
export class PasswordChange {
  @ApiProperty({ type: String }) original_password: string;
  @ApiProperty({ type: String, minLength: 1 }) password: string;
}
export class ProjectChange {
  @Name(64, false) name?: string;
  @Enabled() enabled?: boolean;
  @Text() description?: string | null;
  @ApiProperty({ type: [String], maxItems: 80, required: false }) tags?: string[];
  @ApiProperty({ type: String, enum: ['default'], required: false }) domain_id?: string;
  @ApiProperty({ type: String, enum: ['default'], required: false }) parent_id?: string;
}
export class NewProject extends OmitType(ProjectChange, ['name']) {
  @Name(64) name: string;
}

export const createUserBody: Envelope<NewUser> = { property: 'user', shape: NewUser };
export const changeUserBody: Envelope<UserChange> = { property: 'user', shape: UserChange };
export const changePasswordBody: Envelope<PasswordChange> = { property: 'user', shape: PasswordChange };
export const createProjectBody: Envelope<NewProject> = { property: 'project', shape: NewProject };
export const changeProjectBody: Envelope<ProjectChange> = { property: 'project', shape: ProjectChange };
