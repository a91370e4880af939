import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens of the built-in identity that were given back before they expired. */
export class CreateRevokedTokens1767225720000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "revoked_tokens" (
        "audit_id" character varying(64) COLLATE "C" NOT NULL,
        "expires_at" timestamp(0) NOT NULL,
        CONSTRAINT "revoked_tokens_pkey" PRIMARY KEY ("audit_id")
      )`);
    await queryRunner.query(`CREATE INDEX "revoked_tokens_expires_at" ON "revoked_tokens" ("expires_at")`);
  }

  /** Without the table a revoked token is as good as any other until it expires. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "revoked_tokens"`);
  }
}
