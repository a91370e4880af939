import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Guest } from './guest.entity.js';

/** The SSH host keys that a guest reported of itself. */
@Entity('guest_host_keys')
@ForeignKey(() => Guest, ['guestId'], ['id'], { name: 'guest_host_keys_guest_id_fkey', onDelete: 'CASCADE' })
export class GuestHostKeys {
  @PrimaryColumn({ name: 'guest_id', type: 'uuid', primaryKeyConstraintName: 'guest_host_keys_pkey' })
  guestId: string;

  /** One line per key: `ssh-ed25519 AAAA...`. */
  @Column({ type: 'text' })
  keys: string;
}
