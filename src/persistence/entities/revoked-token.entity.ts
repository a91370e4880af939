import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A token that was revoked, by its audit id: the token itself is not stored. */
@Entity('revoked_tokens')
export class RevokedToken {
  @PrimaryColumn({
    name: 'audit_id',
    type: 'varchar',
    length: 64,
    collation: 'C',
    primaryKeyConstraintName: 'revoked_tokens_pkey',
  })
  auditId: string;

  /** UTC; the row has no effect after this time, when the token expires by itself. */
  @Index('revoked_tokens_expires_at')
  @Column({ name: 'expires_at', type: 'timestamp', precision: 0 })
  expiresAt: Date;
}
