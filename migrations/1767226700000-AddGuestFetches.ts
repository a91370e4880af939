import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When each guest last asked for its metadata, and by which program. */
export class AddGuestFetches1767226700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "guest_fetches" (
        "guest_id" uuid NOT NULL,
        "last_fetched_at" timestamp(6) NOT NULL,
        "agent" character varying(64),
        CONSTRAINT "guest_fetches_pkey" PRIMARY KEY ("guest_id"),
        CONSTRAINT "guest_fetches_guest_id_fkey" FOREIGN KEY ("guest_id") REFERENCES "guests" ("id") ON DELETE CASCADE
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "guest_fetches"`);
  }
}
