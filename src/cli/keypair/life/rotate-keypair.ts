import { requireFree } from '../../files/private-output.js';
import { deliver, makePair } from '../create-keypair.js';
import { type CreateOptions, readOrder } from '../create-order.js';
import type { NewKeypair } from '../keypairs.js';
import { readPublicKey, typeOf } from '../public-key-file.js';
import type { Registry } from '../registration.js';
import { readVersion } from './life-options.js';
import type { KeypairRecord, KeypairRecords } from './records.js';
import { showChanged } from '../show-keypairs.js';
import { withRecords } from '../open-keypairs.js';

type RotateOptions = Omit<CreateOptions, 'type'> & {
  readonly publicKey?: string;
  readonly overlap?: string;
  readonly ifVersion?: string;
};

/** Replaces the key of a keypair with a new one, which is generated here or read from a file. Its name, tags and protection stay. */
export async function rotateKeypair(name: string, options: RotateOptions): Promise<void> {
  const { publicKey, privateKey, overlap, force } = options;
  const seen = readVersion(options.ifVersion);
  if (privateKey !== undefined) requireFree(privateKey, force);
  const given = publicKey === undefined ? undefined : await readPublicKey(publicKey, options);
  await withRecords(options, async (records, owner = name) => {
    const before = await records.show(name);
    const rotation = new Rotation(records, before, seen ?? before.version, overlap);
    if (given !== undefined) {
      await rotation.create({ name, type: typeOf(given, publicKey!, undefined), publicKey: given });
    } else {
      const order = readOrder({ ...options, type: before.type });
      const pair = await makePair(name, order, owner, options);
      const rotated = await deliver(rotation, { name, type: order.type, publicKey: pair.publicKey }, pair, options);
      if (rotated === undefined) return;
    }
    await showChanged(rotation.after!, options);
  });
}

/** A keypair whose key is replaced: to take the new one back is to apply the old one again. */
class Rotation implements Registry {
  after: KeypairRecord | undefined;

  constructor(
    private readonly records: KeypairRecords,
    private readonly before: KeypairRecord,
    private readonly version: number,
    private readonly overlap: string | undefined,
  ) {}

  async create({ name, type, publicKey }: NewKeypair): Promise<KeypairRecord> {
    const { version, overlap } = this;
    this.after = await this.records.apply(name, { public_key: publicKey, type }, { version, overlap });
    return this.after;
  }

  async show(name: string): Promise<KeypairRecord> {
    this.after = await this.records.show(name);
    return this.after;
  }

  async delete(name: string): Promise<void> {
    const { public_key, type } = this.before;
    await this.records.apply(name, { public_key, type }, { version: this.after!.version });
  }
}
