import { Module } from '@nestjs/common';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { RevocationList } from './revocation-list.js';
import { SshAuthority } from './ssh-authority.js';

/** The SSH certificate authority: its keys, and what it has revoked. */
@Module({
  imports: [PersistenceModule],
  providers: [RevocationList, SshAuthority],
  exports: [RevocationList, SshAuthority],
})
export class SshCaModule {}
