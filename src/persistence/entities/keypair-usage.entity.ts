import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many keypairs a user has. The statement that adds or removes one also counts it, so that a quota is never exceeded. */
@Entity('keypair_usage')
export class KeypairUsage {
  @PrimaryColumn({
    name: 'user_id',
    type: 'varchar',
    length: 255,
    collation: 'C',
    primaryKeyConstraintName: 'keypair_usage_pkey',
  })
  userId: string;

  @Column({ type: 'integer' })
  used: number;

  /** The limit of the last create, -1 for none; null before the first one. */
  @Column({ name: 'hard_limit', type: 'integer', nullable: true })
  hardLimit: number | null;
}
