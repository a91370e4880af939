import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table as it was before keypairs had types, and the count of keypairs of each user. */
export class CreateKeypairs1767225600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "key_pairs" (
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "name" character varying(255) COLLATE "C" NOT NULL,
        "id" bigserial NOT NULL,
        "fingerprint" character varying(255) NOT NULL,
        "public_key" text NOT NULL,
        "created_at" timestamp(6) NOT NULL DEFAULT timezone('utc', now()),
        "updated_at" timestamp(6),
        CONSTRAINT "key_pairs_pkey" PRIMARY KEY ("user_id", "name")
      )`);
    await queryRunner.query(`
      CREATE TABLE "keypair_usage" (
        "user_id" character varying(255) COLLATE "C" NOT NULL,
        "used" integer NOT NULL,
        CONSTRAINT "keypair_usage_pkey" PRIMARY KEY ("user_id")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "keypair_usage"`);
    await queryRunner.query(`DROP TABLE "key_pairs"`);
  }
}
