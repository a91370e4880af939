import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The life of keypairs: what decides on a change is on the row that it locks, in columns that may be null, so that a replica of the
 * version before goes on writing; the rest is in tables beside it. No row is rewritten: `sha256` is filled in afterwards, in pages.
 */
export class AddKeypairDetails1767226200000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE "key_pairs"
        ADD COLUMN "sha256" bytea,
        ADD COLUMN "version" integer,
        ADD COLUMN "expires_at" timestamp(6),
        ADD COLUMN "delete_protected" boolean`);
    await queryRunner.query(`CREATE INDEX "key_pairs_sha256" ON "key_pairs" ("sha256") WHERE "sha256" IS NOT NULL`);
    await queryRunner.query(
      `CREATE INDEX "key_pairs_without_sha256" ON "key_pairs" ("user_id", "name") WHERE "sha256" IS NULL`,
    );
    await queryRunner.query(
      `CREATE INDEX "key_pairs_expires_at" ON "key_pairs" ("expires_at") WHERE "expires_at" IS NOT NULL`,
    );
    await queryRunner.query(`
      CREATE TABLE "keypair_details" (
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "name" character varying(255) COLLATE "C" NOT NULL,
        "tags" jsonb NOT NULL DEFAULT '{}',
        "note" character varying(255),
        "updated_at" timestamp(6),
        "key_since" timestamp(6),
        "key_by" character varying(255),
        "last_delivered_at" timestamp(6),
        "warned_at" timestamp(6),
        CONSTRAINT "keypair_details_pkey" PRIMARY KEY ("user_id", "name"),
        CONSTRAINT "keypair_details_key_pair_fkey" FOREIGN KEY ("user_id", "name")
          REFERENCES "key_pairs" ("user_id", "name") ON DELETE CASCADE
      )`);
    await queryRunner.query(`
      CREATE TABLE "keypair_versions" (
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "name" character varying(255) COLLATE "C" NOT NULL,
        "version" integer NOT NULL,
        "type" "keypair_type" NOT NULL,
        "fingerprint" character varying(255) NOT NULL,
        "public_key" text NOT NULL,
        "valid_from" timestamp(6) NOT NULL,
        "replaced_at" timestamp(6) NOT NULL,
        "valid_until" timestamp(6) NOT NULL,
        "made_by" character varying(255),
        CONSTRAINT "keypair_versions_pkey" PRIMARY KEY ("user_id", "name", "version"),
        CONSTRAINT "keypair_versions_key_pair_fkey" FOREIGN KEY ("user_id", "name")
          REFERENCES "key_pairs" ("user_id", "name") ON DELETE CASCADE
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "keypair_versions"`);
    await queryRunner.query(`DROP TABLE "keypair_details"`);
    await queryRunner.query(`
      ALTER TABLE "key_pairs"
        DROP COLUMN "delete_protected", DROP COLUMN "expires_at", DROP COLUMN "version", DROP COLUMN "sha256"`);
  }
}
