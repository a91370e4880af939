import { Module } from '@nestjs/common';
import { HttpModule } from '../http/http.module.js';
import { KeypairsModule } from '../keypairs/keypairs.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { SshCaModule } from '../ssh-ca/ssh-ca.module.js';
import { CertificatesService } from './certificates.service.js';
import { SshCaController } from './ssh-ca.controller.js';
import { SshCertificatesController } from './ssh-certificates.controller.js';

/** The API of SSH certificates. */
@Module({
  imports: [HttpModule, KeypairsModule, PersistenceModule, SshCaModule],
  controllers: [SshCaController, SshCertificatesController],
  providers: [CertificatesService],
})
export class SshCertificatesModule {}
