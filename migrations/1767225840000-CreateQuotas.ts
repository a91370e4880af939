import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The limits that administrators set, of a project or of one user in it. Where there is no row the default counts. */
export class CreateQuotas1767225840000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "quotas" (
        "project_id" character varying(255) COLLATE "C" NOT NULL,
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "resource" character varying(255) COLLATE "C" NOT NULL,
        "hard_limit" integer NOT NULL,
        CONSTRAINT "quotas_pkey" PRIMARY KEY ("project_id", "user_id", "resource")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "quotas"`);
  }
}
