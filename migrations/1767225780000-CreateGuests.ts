import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Guests, and the addresses that they are known by. */
export class CreateGuests1767225780000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "guests" (
        "id" uuid NOT NULL,
        "number" bigserial NOT NULL,
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "project_id" character varying(255) COLLATE "C" NOT NULL,
        "name" character varying(255) NOT NULL,
        "hostname" character varying(255) NOT NULL,
        "availability_zone" character varying(255) NOT NULL,
        "network" character varying(255) COLLATE "C" NOT NULL,
        "keys" json NOT NULL,
        "metadata" json NOT NULL,
        "user_data" text,
        "vendor_data" json,
        "network_data" json,
        "password" character varying(1020),
        "revision" integer NOT NULL DEFAULT 1,
        "created_at" timestamp(6) NOT NULL DEFAULT timezone('utc', now()),
        "updated_at" timestamp(6),
        CONSTRAINT "guests_pkey" PRIMARY KEY ("id")
      )`);
    await queryRunner.query(`CREATE UNIQUE INDEX "guests_user_id_number" ON "guests" ("user_id", "number")`);
    await queryRunner.query(`
      CREATE TABLE "guest_addresses" (
        "network" character varying(255) COLLATE "C" NOT NULL,
        "address" character varying(45) COLLATE "C" NOT NULL,
        "guest_id" uuid NOT NULL,
        "position" integer NOT NULL,
        CONSTRAINT "guest_addresses_pkey" PRIMARY KEY ("network", "address"),
        CONSTRAINT "guest_addresses_guest_id_fkey" FOREIGN KEY ("guest_id") REFERENCES "guests" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(`CREATE INDEX "guest_addresses_guest_id" ON "guest_addresses" ("guest_id")`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "guest_addresses"`);
    await queryRunner.query(`DROP TABLE "guests"`);
  }
}
