import { Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { CryptoModule } from '../crypto/crypto.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { SshCaModule } from '../ssh-ca/ssh-ca.module.js';
import { DeliverableKeys } from './delivery/deliverable-keys.js';
import { Deliveries } from './delivery/deliveries.js';
import { GuestByAddress } from './guest-lookup/guest-by-address.js';
import { GuestBySignature } from './guest-lookup/guest-by-signature.js';
import { GuestCache } from './guest-lookup/guest-cache.js';
import { GUEST_FINDER, type GuestFinder } from './guest-lookup/guest-finder.js';
import { MetadataHandler } from './metadata.handler.js';
import { MetadataServer } from './metadata.server.js';
import { MetadataService } from './metadata.service.js';
import { TrustedPeers } from './guest-lookup/trusted-peers.js';

/** The metadata service, on a port of its own. */
@Module({
  imports: [CryptoModule, PersistenceModule, SshCaModule],
  providers: [
    DeliverableKeys,
    Deliveries,
    GuestCache,
    {
      provide: GUEST_FINDER,
      inject: [CONFIG, GuestCache],
      useFactory: (config: Config, guests: GuestCache): GuestFinder =>
        config.metadataMode === 'neutron'
          ? new GuestBySignature(guests, config.metadataSecret ?? config.metadataSecretFile ?? [])
          : new GuestByAddress(guests, new TrustedPeers(config.trustedProxies)),
    },
    MetadataHandler,
    MetadataServer,
    MetadataService,
  ],
  exports: [DeliverableKeys, Deliveries, GuestCache],
})
export class MetadataModule {}
