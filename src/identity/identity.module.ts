import { Global, Module } from '@nestjs/common';
import { AUTHENTICATOR, type Authenticator } from './authenticator.js';
import { IdentityGuard } from './identity.guard.js';
import { NoAuth } from './no-auth.js';

/** Who is calling. Global, since every route that is guarded needs it. */
@Global()
@Module({
  providers: [IdentityGuard, { provide: AUTHENTICATOR, useFactory: (): Authenticator => new NoAuth() }],
  exports: [IdentityGuard, AUTHENTICATOR],
})
export class IdentityModule {}
