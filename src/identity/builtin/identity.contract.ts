import type { ClassConstructor } from 'class-transformer';
import type { ResponseForm } from '../../http/shapes/response-form.js';
import { logInBody } from './identity.dto.js';
import {
  CatalogService,
  DescribedToken,
  IdentityDomain,
  IdentityProject,
  IdentityRole,
  IdentityUser,
  IdentityVersion,
  ListLinks,
  RoleAssignment,
  TokenSystem,
} from './identity.response.js';

const list = (name: string, shape: ClassConstructor<object>): ResponseForm => ({ [name]: [shape], links: ListLinks });

/** The shapes and responses of the Identity API. */
export const identityApi = {
  logInBody,
  versionsReply: { versions: { values: [IdentityVersion] as const } },
  versionReply: { version: IdentityVersion },
  tokenReply: { token: DescribedToken },
  projectsReply: list('projects', IdentityProject),
  projectReply: { project: IdentityProject },
  domainsReply: list('domains', IdentityDomain),
  domainReply: { domain: IdentityDomain },
  systemReply: list('system', TokenSystem),
  catalogReply: list('catalog', CatalogService),
  usersReply: list('users', IdentityUser),
  userReply: { user: IdentityUser },
  rolesReply: list('roles', IdentityRole),
  assignmentsReply: list('role_assignments', RoleAssignment),
};
