import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the guests that hold a copy of a keypair. */
export class IndexGuestKeys1767226710000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX "guests_keys" ON "guests" USING gin (("keys"::jsonb) jsonb_path_ops)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "guests_keys"`);
  }
}
