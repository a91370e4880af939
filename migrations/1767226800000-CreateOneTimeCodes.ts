import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The newest one-time code that each user of the built-in identity logged in with. */
export class CreateOneTimeCodes1767226800000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "one_time_codes" (
        "user_id" character varying(64) COLLATE "C" NOT NULL,
        "last_step" bigint NOT NULL,
        CONSTRAINT "one_time_codes_pkey" PRIMARY KEY ("user_id")
      )`);
  }

  /** No log-in with a code is possible without the table. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "one_time_codes"`);
  }
}
