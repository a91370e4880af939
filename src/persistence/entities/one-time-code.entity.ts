import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest one-time code that a user logged in with: it and older ones are no longer accepted. */
@Entity('one_time_codes')
export class OneTimeCode {
  @PrimaryColumn({
    name: 'user_id',
    type: 'varchar',
    length: 64,
    collation: 'C',
    primaryKeyConstraintName: 'one_time_codes_pkey',
  })
  userId: string;

  /** Steps of 30 seconds since 1970. */
  @Column({ name: 'last_step', type: 'bigint' })
  lastStep: string;
}
