import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rows say which create made them. A column that may be null: the tables are not rewritten, and what stood there stays as it is. */
export class AddCreateIds1767225960000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "key_pairs" ADD COLUMN "create_id" uuid`);
    await queryRunner.query(`ALTER TABLE "guests" ADD COLUMN "create_id" uuid`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "guests" DROP COLUMN "create_id"`);
    await queryRunner.query(`ALTER TABLE "key_pairs" DROP COLUMN "create_id"`);
  }
}
