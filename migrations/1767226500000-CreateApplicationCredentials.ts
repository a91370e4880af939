import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Application credentials of the built-in identity, and how many each user has. */
export class CreateApplicationCredentials1767226500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "application_credentials" (
        "id" character varying(64) COLLATE "C" NOT NULL,
        "user_id" character varying(64) COLLATE "C" NOT NULL,
        "name" character varying(255) COLLATE "C" NOT NULL,
        "project_id" character varying(64) COLLATE "C" NOT NULL,
        "description" text,
        "secret_hash" character varying(255) NOT NULL,
        "expires_at" timestamp(6),
        "unrestricted" boolean,
        "roles" jsonb NOT NULL,
        CONSTRAINT "application_credentials_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "application_credentials_user_id_name" UNIQUE ("user_id", "name")
      )`);
    await queryRunner.query(`
      CREATE TABLE "application_credential_usage" (
        "user_id" character varying(64) COLLATE "C" NOT NULL,
        "used" integer NOT NULL,
        CONSTRAINT "application_credential_usage_pkey" PRIMARY KEY ("user_id")
      )`);
  }

  /** No log-in with a credential is possible without the table. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "application_credential_usage"`);
    await queryRunner.query(`DROP TABLE "application_credentials"`);
  }
}
