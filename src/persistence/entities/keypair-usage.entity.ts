import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many keypairs a user has. Counted in the same statement that adds or removes one, so that a quota is never passed. */
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

  /** The limit that the last create had, -1 for none; null until there was one. */
  @Column({ name: 'hard_limit', type: 'integer', nullable: true })
  hardLimit: number | null;
}
