import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A create carries its limit into the row of the counter, so that ON CONFLICT … WHERE needs no subselect, which Citus refuses.
 * The column may be null, so that a replica of the version before, which does not know it, goes on creating keypairs.
 */
export class KeepLimitWithCount1767226080000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "keypair_usage" ADD COLUMN "hard_limit" integer`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "keypair_usage" DROP COLUMN "hard_limit"`);
  }
}
