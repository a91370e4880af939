import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { Guest } from './guest.entity.js';

/** An address that a guest is known by. In a network no two guests have the same one. */
@Entity('guest_addresses')
@Index('guest_addresses_address', ['address'])
@Index('guest_addresses_in_order', ['guestId', 'position', 'address'])
export class GuestAddress {
  @PrimaryColumn({ type: 'varchar', length: 255, collation: 'C', primaryKeyConstraintName: 'guest_addresses_pkey' })
  network: string;

  /** As `canonicalAddress` writes it. */
  @PrimaryColumn({ type: 'varchar', length: 45, collation: 'C', primaryKeyConstraintName: 'guest_addresses_pkey' })
  address: string;

  @Column({ name: 'guest_id', type: 'uuid' })
  guestId: string;

  @ManyToOne(() => Guest, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'guest_id', foreignKeyConstraintName: 'guest_addresses_guest_id_fkey' })
  guest: Guest;

  /** Place in the guest's list, from 1 on. */
  @Column({ type: 'integer' })
  position: number;
}
