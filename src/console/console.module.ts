import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.js';
import { HttpModule } from '../http/http.module.js';
import { openTokenKey } from '../identity/builtin/open-identity.js';
import { KeystoneClient } from '../identity/keystone/keystone-client.js';
import { LoginThrottle } from '../identity/login-throttle.js';
import { type Tracing, TRACING } from '../tracing/tracing.js';
import { ConsoleController } from './console.controller.js';
import { BuiltinIdentityApi, KeystoneIdentityApi } from './identity-api.js';
import { OneTimeCodeController } from './one-time-code.controller.js';
import { SealedCookie } from './sealed-cookie.js';
import { SessionController } from './session.controller.js';
import { Sessions } from './sessions.js';
import { WebSsoController } from './web-sso.controller.js';

/** Closes the connections to Keystone after the last response. */
@Injectable()
class ClosesKeystone implements OnApplicationShutdown {
  constructor(@Inject(KeystoneClient) private readonly client: KeystoneClient) {}

  onApplicationShutdown(): void {
    this.client.close();
  }
}

/** The web console. */
@Module({})
export class ConsoleModule {
  static with(config: Config): DynamicModule {
    const parts = config.authMode === 'builtin' ? builtin() : config.authMode === 'keystone' ? keystone(config) : [];
    if (parts.length === 0) return { module: ConsoleModule, imports: [HttpModule], controllers: [ConsoleController] };
    const cookie = { provide: SealedCookie, useFactory: () => new SealedCookie(openTokenKey(config)) };
    return {
      module: ConsoleModule,
      imports: [HttpModule],
      // The last one answers every other path under /console.
      controllers: [
        SessionController,
        ...(config.authMode === 'builtin' ? [OneTimeCodeController] : []),
        ...(config.consoleSso.length > 0 ? [WebSsoController] : []),
        ConsoleController,
      ],
      providers: [cookie, ...parts],
    };
  }
}

type Providers = NonNullable<DynamicModule['providers']>;

function builtin(): Providers {
  return [
    {
      provide: Sessions,
      inject: [HttpAdapterHost],
      useFactory: (host: HttpAdapterHost) =>
        new Sessions(
          new BuiltinIdentityApi(() => host.httpAdapter.getInstance<FastifyInstance>()),
          (_user, _address, isRight) => isRight(),
        ),
    },
  ];
}

function keystone(config: Config): Providers {
  return [
    {
      provide: KeystoneClient,
      inject: [TRACING],
      useFactory: (tracing: Tracing | undefined) => new KeystoneClient(config, tracing),
    },
    ClosesKeystone,
    {
      provide: Sessions,
      inject: [KeystoneClient, LoginThrottle],
      useFactory: (client: KeystoneClient, throttle: LoginThrottle) =>
        new Sessions(new KeystoneIdentityApi(client), (user, address, isRight) =>
          throttle.attempt(user, address, isRight),
        ),
    },
  ];
}
