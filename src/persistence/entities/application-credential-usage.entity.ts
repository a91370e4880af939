import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How many application credentials a user has, changed in the statement that adds or removes one. */
@Entity('application_credential_usage')
export class ApplicationCredentialUsage {
  @PrimaryColumn({
    name: 'user_id',
    type: 'varchar',
    length: 64,
    collation: 'C',
    primaryKeyConstraintName: 'application_credential_usage_pkey',
  })
  userId: string;

  @Column({ type: 'integer' })
  used: number;
}
