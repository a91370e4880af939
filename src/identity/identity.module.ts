import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Audit } from '../audit/audit.js';
import type { Config } from '../config/config.js';
import { HttpModule } from '../http/http.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { ChangeFeed } from '../persistence/change-feed.js';
import { ApplicationCredentialRepository } from '../persistence/repositories/application-credential.repository.js';
import { IdentityRepository } from '../persistence/repositories/identity.repository.js';
import { OneTimeCodeRepository } from '../persistence/repositories/one-time-code.repository.js';
import { RevokedTokenRepository } from '../persistence/repositories/revoked-token.repository.js';
import { AUTHENTICATOR, type Authenticator } from './authenticator.js';
import { AbsentController } from './builtin/directory/absent.controller.js';
import { Access } from './builtin/access.js';
import { AdministrationController } from './builtin/administration/administration.controller.js';
import { Administration } from './builtin/administration/administration.js';
import { ApplicationCredentials } from './builtin/credentials/application-credentials.js';
import { ApplicationCredentialsController } from './builtin/credentials/application-credentials.controller.js';
import {
  AssignmentsInDomain,
  AssignmentsInProject,
  AssignmentsOnSystem,
} from './builtin/directory/assignments.controller.js';
import { BuiltinAuth } from './builtin/builtin-auth.js';
import { CatalogController } from './builtin/directory/catalog.controller.js';
import { CodeEnrolment } from './builtin/log-in/code-enrolment.js';
import { DatabaseStore } from './builtin/store/database-store.js';
import { DirectoryController } from './builtin/directory/directory.controller.js';
import { DocumentsController } from './builtin/documents.controller.js';
import { IdentityStore } from './builtin/store/identity-store.js';
import { Lists } from './builtin/directory/lists.js';
import { LogIn } from './builtin/log-in/log-in.js';
import { openIdentity, openTokenKey } from './builtin/open-identity.js';
import { Receipts } from './builtin/log-in/receipts.js';
import { Tokens } from './builtin/log-in/tokens.js';
import { TokensController } from './builtin/log-in/tokens.controller.js';
import { HttpBasicAuth } from './http-basic-auth.js';
import { IdentityGuard } from './identity.guard.js';
import { KeystoneAuth } from './keystone/keystone-auth.js';
import { LoginThrottle } from './login-throttle.js';
import { NoAuth } from './no-auth.js';
import { guestMode, policyOf } from '../policy/policy-file.js';
import { Rules } from '../policy/policy-rules.js';
import { RateLimit } from './rate-limit.js';

/** Authentication. Global, since every guarded route needs it. */
@Global()
@Module({
  imports: [HttpModule],
  providers: [IdentityGuard, RateLimit],
  exports: [IdentityGuard, RateLimit, AUTHENTICATOR, LoginThrottle],
})
export class IdentityModule {
  /** The identity of AUTH_MODE. */
  static with(config: Config): DynamicModule {
    const { imports = [], controllers = [], providers = [], exports = [] } = MODES[config.authMode](config);
    const rules = { provide: Rules, useFactory: () => policyOf(config.policyFile, guestMode(config)) };
    return { module: IdentityModule, imports, controllers, exports, providers: [rules, LoginThrottle, ...providers] };
  }
}

type Parts = Omit<DynamicModule, 'module'>;

const MODES: Record<Config['authMode'], (config: Config) => Parts> = {
  builtin: (config) => ({
    imports: [PersistenceModule],
    controllers: [
      DocumentsController,
      TokensController,
      ApplicationCredentialsController,
      AdministrationController,
      AssignmentsInProject,
      AssignmentsInDomain,
      AssignmentsOnSystem,
      DirectoryController,
      CatalogController,
      AbsentController,
    ],
    exports: [Access, CodeEnrolment],
    providers: [
      Access,
      Lists,
      {
        provide: IdentityStore,
        inject: [IdentityRepository, ChangeFeed],
        useFactory: (identities: IdentityRepository, changes: ChangeFeed) => openIdentity(config, identities, changes),
      },
      {
        provide: Administration,
        inject: [IdentityStore, IdentityRepository, LoginThrottle],
        useFactory: (store: IdentityStore, identities: IdentityRepository, throttle: LoginThrottle) =>
          new Administration(store, store instanceof DatabaseStore ? { identities, store } : undefined, throttle),
      },
      {
        provide: Tokens,
        inject: [IdentityStore, RevokedTokenRepository, ApplicationCredentialRepository, ChangeFeed],
        useFactory: (
          store: IdentityStore,
          revoked: RevokedTokenRepository,
          credentials: ApplicationCredentialRepository,
          changes: ChangeFeed,
        ) => new Tokens(store, revoked, credentials, openTokenKey(config), config.tokenLifetimeSeconds, changes),
      },
      {
        provide: LogIn,
        inject: [IdentityStore, Tokens, LoginThrottle, ApplicationCredentialRepository, OneTimeCodeRepository],
        useFactory: (
          store: IdentityStore,
          tokens: Tokens,
          throttle: LoginThrottle,
          credentials: ApplicationCredentialRepository,
          codes: OneTimeCodeRepository,
        ) => new LogIn(store, tokens, throttle, credentials, new Receipts(store, openTokenKey(config)), codes),
      },
      ApplicationCredentials,
      CodeEnrolment,
      { provide: AUTHENTICATOR, useClass: BuiltinAuth },
    ],
  }),
  keystone: () => ({ providers: [{ provide: AUTHENTICATOR, useClass: KeystoneAuth }] }),
  // Clients that need no token look for the documents of the Identity API all the same.
  http_basic: (config) => ({
    controllers: [DocumentsController],
    providers: [
      {
        provide: AUTHENTICATOR,
        inject: [LoginThrottle, Rules, Audit],
        useFactory: (throttle: LoginThrottle, rules: Rules, audit: Audit): Authenticator =>
          HttpBasicAuth.withFile(config.httpBasicFile!, throttle, rules, audit),
      },
    ],
  }),
  none: () => ({ controllers: [DocumentsController], providers: [{ provide: AUTHENTICATOR, useClass: NoAuth }] }),
};
