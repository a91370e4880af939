import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The SHA-256 of the tokens by which guests of NoCloud are known without an address. */
export class CreateGuestNoCloudTokens1767227300000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "guest_nocloud_tokens" (
        "guest_id" uuid NOT NULL,
        "sha256" bytea NOT NULL,
        CONSTRAINT "guest_nocloud_tokens_pkey" PRIMARY KEY ("guest_id"),
        CONSTRAINT "guest_nocloud_tokens_guest_id_fkey" FOREIGN KEY ("guest_id") REFERENCES "guests" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE UNIQUE INDEX "guest_nocloud_tokens_sha256" ON "guest_nocloud_tokens" ("sha256")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "guest_nocloud_tokens"`);
  }
}
