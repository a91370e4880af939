import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Guest } from './guest.entity.js';

/** The token in the path by which a guest of NoCloud is known without an address. */
@Entity('guest_nocloud_tokens')
@ForeignKey(() => Guest, ['guestId'], ['id'], { name: 'guest_nocloud_tokens_guest_id_fkey', onDelete: 'CASCADE' })
@Index('guest_nocloud_tokens_sha256', ['sha256'], { unique: true })
export class GuestNoCloudToken {
  @PrimaryColumn({ name: 'guest_id', type: 'uuid', primaryKeyConstraintName: 'guest_nocloud_tokens_pkey' })
  guestId: string;

  /** The token itself is stored nowhere. */
  @Column({ type: 'bytea' })
  sha256: Buffer;
}
