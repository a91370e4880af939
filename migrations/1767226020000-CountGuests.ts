import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Counts the guests of each project for GUEST_QUOTA; administrators list all guests, and find one by its address. */
export class CountGuests1767226020000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "guest_usage" (
        "project_id" character varying(255) COLLATE "C" NOT NULL,
        "used" integer NOT NULL,
        CONSTRAINT "guest_usage_pkey" PRIMARY KEY ("project_id")
      )`);
    // A guest added between the count and the commit would be missing from the count.
    await queryRunner.query(`LOCK TABLE "guests" IN SHARE ROW EXCLUSIVE MODE`);
    await queryRunner.query(
      `INSERT INTO "guest_usage" SELECT "project_id", count(*) FROM "guests" GROUP BY "project_id"`,
    );
    await queryRunner.query(`CREATE UNIQUE INDEX "guests_number" ON "guests" ("number")`);
    await queryRunner.query(`CREATE INDEX "guest_addresses_address" ON "guest_addresses" ("address")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "guest_addresses_address"`);
    await queryRunner.query(`DROP INDEX "guests_number"`);
    await queryRunner.query(`DROP TABLE "guest_usage"`);
  }
}
