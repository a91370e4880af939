import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { KeypairRecordRepository } from '../../persistence/repositories/keypair-record.repository.js';

/** Computes the digests that rows of a Nova and of older replicas lack, in the background. */
@Injectable()
export class FillDigests implements OnApplicationBootstrap {
  constructor(private readonly records: KeypairRecordRepository) {}

  onApplicationBootstrap(): void {
    this.records.fillDigests().catch(({ name }: Error) => {
      new Logger('Keypairs').warn(`SHA-256 fingerprints are incomplete until the next start (${name}).`);
    });
  }
}
