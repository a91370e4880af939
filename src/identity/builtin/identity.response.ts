import { ApiProperty } from '@nestjs/swagger';

/** What answers of the Identity API hold, for OpenAPI; `identity.view.ts` writes them. */

const Url = (): PropertyDecorator => ApiProperty({ format: 'uri' });
const Id = (): PropertyDecorator =>
  ApiProperty({ description: '32 hexadecimal digits; that of the domain is default.' });
const NoDate = (): PropertyDecorator => ApiProperty({ type: 'string', nullable: true, enum: [null] });
const NoOptions = (): PropertyDecorator =>
  ApiProperty({ type: 'object', additionalProperties: false, maxProperties: 0 });
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

/** Which of project, domain and system is there is the scope; a token without one has no roles and no catalog. */
export class DescribedToken {
  @ApiProperty({ type: [String], description: 'How the user logged in: `password`, `token`.' }) methods: string[];
  @ApiProperty({ type: TokenUser }) user: TokenUser;
  @ApiProperty({ type: [String], minItems: 1, maxItems: 2 }) audit_ids: string[];
  @Time() expires_at: string;
  @Time() issued_at: string;
  @ApiProperty({ type: TokenProject, required: false }) project?: TokenProject;
  @ApiProperty({ enum: [false], required: false, description: 'There with the project.' }) is_domain?: boolean;
  @ApiProperty({ type: ReferredDomain, required: false }) domain?: ReferredDomain;
  @ApiProperty({ type: TokenSystem, required: false }) system?: TokenSystem;
  @ApiProperty({ type: [TokenRole], required: false }) roles?: TokenRole[];
  @ApiProperty({ type: [CatalogService], required: false }) catalog?: CatalogService[];
}

export class SelfLink {
  @Url() self: string;
}
export class IdentityUser {
  @Id() id: string;
  @ApiProperty() name: string;
  @ApiProperty() enabled: boolean;
  @ApiProperty({ enum: ['default'] }) domain_id: string;
  @NoDate() password_expires_at: null;
  @NoOptions() options: object;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
}
export class IdentityProject {
  @Id() id: string;
  @ApiProperty() name: string;
  @ApiProperty({ enum: [true] }) enabled: boolean;
  @ApiProperty() description: string;
  @ApiProperty({ enum: ['default'] }) domain_id: string;
  @ApiProperty({ enum: [false] }) is_domain: boolean;
  @ApiProperty({ enum: ['default'] }) parent_id: string;
  @NoOptions() options: object;
  @NoTags() tags: string[];
  @ApiProperty({ type: SelfLink }) links: SelfLink;
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
export class IdentityRole {
  @Id() id: string;
  @ApiProperty() name: string;
  @NoDate() domain_id: null;
  @NoDate() description: null;
  @NoOptions() options: object;
  @ApiProperty({ type: SelfLink }) links: SelfLink;
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
export class RoleAssignment {
  @ApiProperty({ type: AssignedRole }) role: AssignedRole;
  @ApiProperty({ type: AssignedHolder }) user: AssignedHolder;
  @ApiProperty({ type: AssignmentScope }) scope: AssignmentScope;
  @NoOptions() links: object;
}

/** There is never another page. */
export class ListLinks extends SelfLink {
  @NoDate() next: null;
  @NoDate() previous: null;
}
