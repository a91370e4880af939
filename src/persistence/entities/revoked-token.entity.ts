import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A token that was revoked, known by its audit id: the token itself is nowhere on disk. */
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

  /** UTC; the row says nothing any more once the token would have expired by itself. */
  @Index('revoked_tokens_expires_at')
  @Column({ name: 'expires_at', type: 'timestamp', precision: 0 })
  expiresAt: Date;
}
