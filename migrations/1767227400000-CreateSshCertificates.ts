import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The SSH certificates of users, and which guests accept them. The columns of guests may be null, so that older replicas go on writing. */
export class CreateSshCertificates1767227400000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "ssh_certificates" (
        "serial" BIGSERIAL NOT NULL,
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "project_id" character varying(255),
        "keypair_owner" character varying(255) COLLATE "C" NOT NULL,
        "keypair" character varying(255) COLLATE "C" NOT NULL,
        "keypair_id" bigint NOT NULL,
        "keypair_fingerprint" character varying(255) NOT NULL,
        "key_id" text NOT NULL,
        "principals" jsonb NOT NULL,
        "valid_after" timestamp(6) NOT NULL,
        "valid_before" timestamp(6) NOT NULL,
        "issued_at" timestamp(6) NOT NULL DEFAULT timezone('utc', now()),
        "revoked_at" timestamp(6),
        CONSTRAINT "ssh_certificates_pkey" PRIMARY KEY ("serial")
      )`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX "ssh_certificates_user_id_serial" ON "ssh_certificates" ("user_id", "serial")`,
    );
    await queryRunner.query(`CREATE INDEX "ssh_certificates_valid_before" ON "ssh_certificates" ("valid_before")`);
    await queryRunner.query(`
      ALTER TABLE "guests"
        ADD COLUMN "ssh_ca" character varying(8),
        ADD COLUMN "ssh_access" character varying(8),
        ADD COLUMN "login_users" jsonb`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE "guests" DROP COLUMN "login_users", DROP COLUMN "ssh_access", DROP COLUMN "ssh_ca"`);
    await queryRunner.query(`DROP TABLE "ssh_certificates"`);
  }
}
