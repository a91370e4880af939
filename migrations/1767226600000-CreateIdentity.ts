import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, projects and roles of the built-in identity, for IDENTITY_STORE=database. */
export class CreateIdentity1767226600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "identity_users" (
        "id" character varying(64) COLLATE "C" NOT NULL,
        "name" character varying(255) COLLATE "C" NOT NULL,
        "password_hash" character varying(255),
        "code_secret" character varying(255),
        "enabled" boolean NOT NULL DEFAULT true,
        "times_disabled" integer NOT NULL DEFAULT 0,
        "default_project_id" character varying(64) COLLATE "C",
        "extra" jsonb NOT NULL DEFAULT '{}',
        CONSTRAINT "identity_users_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "identity_users_name" UNIQUE ("name")
      )`);
    await queryRunner.query(`
      CREATE TABLE "identity_projects" (
        "id" character varying(64) COLLATE "C" NOT NULL,
        "name" character varying(255) COLLATE "C" NOT NULL,
        "enabled" boolean NOT NULL DEFAULT true,
        "description" text DEFAULT '',
        "tags" jsonb NOT NULL DEFAULT '[]',
        "extra" jsonb NOT NULL DEFAULT '{}',
        CONSTRAINT "identity_projects_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "identity_projects_name" UNIQUE ("name")
      )`);
    await queryRunner.query(`
      CREATE TABLE "identity_assignments" (
        "user_id" character varying(64) COLLATE "C" NOT NULL,
        "target" character varying(64) COLLATE "C" NOT NULL,
        "role" character varying(255) COLLATE "C" NOT NULL,
        CONSTRAINT "identity_assignments_pkey" PRIMARY KEY ("user_id", "target", "role")
      )`);
  }

  /** A service with IDENTITY_STORE=file needs none of them. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "identity_assignments"`);
    await queryRunner.query(`DROP TABLE "identity_projects"`);
    await queryRunner.query(`DROP TABLE "identity_users"`);
  }
}
