import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The SSH host keys that guests reported of themselves. */
export class CreateGuestHostKeys1767227100000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "guest_host_keys" (
        "guest_id" uuid NOT NULL,
        "keys" text NOT NULL,
        CONSTRAINT "guest_host_keys_pkey" PRIMARY KEY ("guest_id"),
        CONSTRAINT "guest_host_keys_guest_id_fkey" FOREIGN KEY ("guest_id") REFERENCES "guests" ("id") ON DELETE CASCADE
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "guest_host_keys"`);
  }
}
