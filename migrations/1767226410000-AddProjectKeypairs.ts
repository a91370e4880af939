import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keypairs of projects: rows whose owner is `project:` and the id of the project, which no two of may differ by case only. */
export class AddProjectKeypairs1767226410000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "key_pairs" ADD COLUMN "created_by" character varying(255)`);
    await queryRunner.query(`
      CREATE UNIQUE INDEX "key_pairs_project_name" ON "key_pairs" ("user_id", lower("name"))
      WHERE "user_id" LIKE 'project:%'`);
    await queryRunner.query(`CREATE INDEX "guests_project_id" ON "guests" ("project_id")`);
  }

  /** Versions before show no keypair of a project. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "guests_project_id"`);
    await queryRunner.query(`DROP INDEX "key_pairs_project_name"`);
    await queryRunner.query(`DELETE FROM "key_pairs" WHERE "user_id" LIKE 'project:%'`);
    await queryRunner.query(`DELETE FROM "keypair_usage" WHERE "user_id" LIKE 'project:%'`);
    await queryRunner.query(`ALTER TABLE "key_pairs" DROP COLUMN "created_by"`);
  }
}
