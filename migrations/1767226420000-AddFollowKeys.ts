import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Guests that receive their keypairs as they are when they ask, not as they were when they were registered. */
export class AddFollowKeys1767226420000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "guests" ADD COLUMN "follow_keys" boolean NOT NULL DEFAULT false`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "guests" DROP COLUMN "follow_keys"`);
  }
}
