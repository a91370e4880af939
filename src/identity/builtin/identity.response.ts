import { ApiProperty, OmitType } from '@nestjs/swagger';

/** What answers of the Identity API hold, for OpenAPI; `identity.view.ts` writes them. */

const Url = (): PropertyDecorator => ApiProperty({ format: 'uri' });
const Id = (): PropertyDecorator =>
  ApiProperty({ description: '32 hexadecimal digits; the id of the domain is `default`.' });
const NoDate = (): PropertyDecorator => ApiProperty({ type: 'string', nullable: true, enum: [null] });
const NoOptions = (): PropertyDecorator =>
  ApiProperty({ type: 'object', additionalProperties: false, maxProperties: 0 });
const Extra = (): PropertyDecorator =>
  ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Attributes that clients stored and the service does not use.',
  });
const NoTags = (): PropertyDecorator => ApiProperty({ type: [String], maxItems: 0 });
const Time = (): PropertyDecorator =>
  ApiProperty({ pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`, description: 'UTC.' });

export class IdentityVersionLink {
  @ApiProperty({ enum: ['self'] }) rel: string;
  @Url() href: string;
}
export class IdentityMediaType {
  @ApiProperty() base: string;
  @ApiProperty() type: string;
}
export class IdentityVersion {
  @ApiProperty({ enum: ['v3.14'] }) id: string;
  @ApiProperty({ enum: ['stable'] }) status: string;
  @ApiProperty({ format: 'date-time' }) updated: string;
  @ApiProperty({ type: [IdentityVersionLink] }) links: IdentityVersionLink[];
  @ApiProperty({ type: [IdentityMediaType] }) 'media-types': IdentityMediaType[];
}

export class ReferredDomain {
  @ApiProperty({ enum: ['default'] }) id: string;
  @ApiProperty({ enum: ['Default'] }) name: string;
}
export class TokenUser {
  @ApiProperty({ type: ReferredDomain }) domain: ReferredDomain;
  @Id() id: string;
  @ApiProperty() name: string;
  @NoDate() password_expires_at: null;
}
export class TokenProject {
  @ApiProperty({ type: ReferredDomain }) domain: ReferredDomain;
  @Id() id: string;
  @ApiProperty() name: string;
}
export class TokenSystem {
  @ApiProperty({ enum: [true] }) all: boolean;
}
export class TokenRole {
  @Id() id: string;
  @ApiProperty() name: string;
}
export class CatalogEndpoint {
  @Id() id: string;
  @ApiProperty({ enum: ['public', 'internal', 'admin'] }) interface: string;
  @ApiProperty() region_id: string;
  @ApiProperty() region: string;
  @Url() url: string;
}
export class CatalogService {
  @ApiProperty({ type: [CatalogEndpoint] }) endpoints: CatalogEndpoint[];
  @Id() id: string;
  @ApiProperty({ enum: ['compute', 'identity'] }) type: string;
  @ApiProperty({ enum: ['nova', 'keystone'] }) name: string;
}

export class TokenCredential {
  @Id() id: string;
  @ApiProperty() name: string;
  @ApiProperty({ description: 'Whether the token must not create or delete application credentials.' })
  restricted: boolean;
}

/** Which of project, domain and system is there is the scope; a token without one has no roles and no catalog. */
export class DescribedToken {
  @ApiProperty({ type: [String], description: 'The methods of the log-in, such as `password`.' }) methods: string[];
  @ApiProperty({ type: TokenUser }) user: TokenUser;
  @ApiProperty({ type: [String], minItems: 1, maxItems: 2 }) audit_ids: string[];
  @Time() expires_at: string;
  @Time() issued_at: string;
  @ApiProperty({ type: TokenProject, required: false }) project?: TokenProject;
  @ApiProperty({ enum: [false], required: false, description: 'Present with `project`.' }) is_domain?: boolean;
  @ApiProperty({ type: ReferredDomain, required: false }) domain?: ReferredDomain;
  @ApiProperty({ type: TokenSystem, required: false }) system?: TokenSystem;
  @ApiProperty({ type: [TokenRole], required: false }) roles?: TokenRole[];
  @ApiProperty({ type: [CatalogService], required: false }) catalog?: CatalogService[];
  @ApiProperty({ type: TokenCredential, required: false, description: 'Present if the log-in used one.' })
  application_credential?: TokenCredential;
}

export class SelfLink {
  @Url() self: string;
}
export class IdentityUser {
  /** Attributes that clients store and the service does not use, such as `email`. */
  static readonly hasOtherMembers = true;
  @Id() id: string;
  @ApiProperty() name: string;
  @ApiProperty() enabled: boolean;
  @ApiProperty({ enum: ['default'] }) domain_id: string;
  @ApiProperty({ required: false, description: 'Present if one is set.' }) default_project_id?: string;
  @NoDate() password_expires_at: null;
  @NoOptions() options: object;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class ChangedUser extends IdentityUser {
  @Extra() extra: object;
}
export class IdentityProject {
  /** Attributes that clients store and the service does not use. */
  static readonly hasOtherMembers = true;
  @Id() id: string;
  @ApiProperty() name: string;
  @ApiProperty() enabled: boolean;
  @ApiProperty({ type: String, nullable: true }) description: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'Null for the domain itself.' }) domain_id: string | null;
  @ApiProperty() is_domain: boolean;
  @ApiProperty({ type: String, nullable: true, description: 'Null for the domain itself.' }) parent_id: string | null;
  @NoOptions() options: object;
  @ApiProperty({ type: [String] }) tags: string[];
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class ChangedProject extends IdentityProject {
  @Extra() extra: object;
}
export class IdentityDomain {
  @ApiProperty({ enum: ['default'] }) id: string;
  @ApiProperty({ enum: ['Default'] }) name: string;
  @ApiProperty() description: string;
  @ApiProperty({ enum: [true] }) enabled: boolean;
  @NoOptions() options: object;
  @NoTags() tags: string[];
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class RoleOptions {
  @ApiProperty({ enum: [true], required: false, description: 'Present for admin, manager, member and reader.' })
  immutable?: boolean;
}
export class IdentityRole {
  @Id() id: string;
  @ApiProperty() name: string;
  @NoDate() domain_id: null;
  @NoDate() description: null;
  @ApiProperty({ type: RoleOptions }) options: RoleOptions;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class InferredRole extends TokenRole {
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class RoleInference {
  @ApiProperty({ type: InferredRole }) prior_role: InferredRole;
  @ApiProperty({ type: [InferredRole] }) implies: InferredRole[];
}

export class IdentityService {
  @Id() id: string;
  @ApiProperty({ enum: ['nova', 'keystone'] }) name: string;
  @ApiProperty({ enum: ['compute', 'identity'] }) type: string;
  @ApiProperty({ enum: [true] }) enabled: boolean;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class IdentityEndpoint extends CatalogEndpoint {
  @Id() service_id: string;
  @ApiProperty({ enum: [true] }) enabled: boolean;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class IdentityRegion {
  @ApiProperty({ description: 'The value of IDENTITY_REGION.' }) id: string;
  @ApiProperty({ enum: [''] }) description: string;
  @NoDate() parent_region_id: null;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}

/** Items of lists that are always empty. */
export class AbsentGroup {}
export class AbsentCredential {}
export class AbsentLimit {}

export class CredentialRole extends OmitType(IdentityRole, ['links']) {}
export class ApplicationCredential {
  @Id() id: string;
  @ApiProperty() name: string;
  @ApiProperty({ type: String, nullable: true }) description: string | null;
  @Id() user_id: string;
  @Id() project_id: string;
  @NoDate() system: null;
  @ApiProperty({
    type: String,
    nullable: true,
    pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$`,
    description: 'In UTC; null if it does not expire.',
  })
  expires_at: string | null;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether its tokens may create and delete application credentials; null counts as false.',
  })
  unrestricted: boolean | null;
  @ApiProperty({ type: [CredentialRole] }) roles: CredentialRole[];
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class CreatedApplicationCredential extends ApplicationCredential {
  @ApiProperty({ description: 'Returned only once: the service stores only its hash.' }) secret: string;
}

/** Names are there with `include_names`. */
export class AssignedRole {
  @Id() id: string;
  @ApiProperty({ required: false }) name?: string;
}
export class AssignedHolder extends AssignedRole {
  @ApiProperty({ type: ReferredDomain, required: false }) domain?: ReferredDomain;
}
export class AssignmentScope {
  @ApiProperty({ type: AssignedHolder, required: false }) project?: AssignedHolder;
  @ApiProperty({ type: AssignedRole, required: false }) domain?: AssignedRole;
  @ApiProperty({ type: TokenSystem, required: false }) system?: TokenSystem;
}
export class AssignmentLinks {
  @Url() assignment: string;
  @ApiProperty({ format: 'uri', required: false, description: 'Present if another role implies this one.' })
  prior_role?: string;
}
export class RoleAssignment {
  @ApiProperty({ type: AssignedRole }) role: AssignedRole;
  @ApiProperty({ type: AssignedHolder }) user: AssignedHolder;
  @ApiProperty({ type: AssignmentScope }) scope: AssignmentScope;
  @ApiProperty({ type: AssignmentLinks }) links: AssignmentLinks;
}

/** There is never another page. */
export class ListLinks extends SelfLink {
  @NoDate() next: null;
  @NoDate() previous: null;
}
