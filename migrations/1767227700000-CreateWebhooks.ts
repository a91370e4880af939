import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks, and what each of them is sent. */
export class CreateWebhooks1767227700000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "webhooks" (
        "id" BIGSERIAL NOT NULL,
        "project_id" character varying(255) COLLATE "C",
        "url" text NOT NULL,
        "types" jsonb NOT NULL,
        "enabled" boolean NOT NULL,
        "note" text,
        "include_public_key" boolean NOT NULL,
        "secret" bytea NOT NULL,
        "previous_secret" bytea,
        "previous_until" timestamp(6),
        "failing_since" timestamp(6),
        "created_by" character varying(255) COLLATE "C" NOT NULL,
        "created_at" timestamp(6) NOT NULL DEFAULT timezone('utc', now()),
        CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
      )`);
    await queryRunner.query(`CREATE INDEX "webhooks_project_id_id" ON "webhooks" ("project_id", "id")`);
    await queryRunner.query(`
      CREATE TABLE "webhook_usage" (
        "project_id" character varying(255) COLLATE "C" NOT NULL,
        "used" integer NOT NULL,
        CONSTRAINT "webhook_usage_pkey" PRIMARY KEY ("project_id")
      )`);
    await queryRunner.query(`
      CREATE TABLE "webhook_deliveries" (
        "id" BIGSERIAL NOT NULL,
        "webhook_id" bigint NOT NULL,
        "event_id" uuid NOT NULL,
        "owner" character varying(255) COLLATE "C" NOT NULL,
        "type" character varying(64) COLLATE "C" NOT NULL,
        "body" text NOT NULL,
        "created_at" timestamp(6) NOT NULL DEFAULT timezone('utc', now()),
        "due_at" timestamp(6),
        "attempts" integer NOT NULL DEFAULT 0,
        "status" integer,
        "failure" character varying(64),
        "delivered_at" timestamp(6),
        CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks" ("id") ON DELETE CASCADE
      )`);
    await queryRunner.query(
      `CREATE UNIQUE INDEX "webhook_deliveries_webhook_id_event_id" ON "webhook_deliveries" ("webhook_id", "event_id")`,
    );
    await queryRunner.query(
      `CREATE INDEX "webhook_deliveries_webhook_id_id" ON "webhook_deliveries" ("webhook_id", "id")`,
    );
    await queryRunner.query(
      `CREATE INDEX "webhook_deliveries_due_at" ON "webhook_deliveries" ("due_at") WHERE due_at IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE INDEX "webhook_deliveries_pending" ON "webhook_deliveries" ("webhook_id", "owner", "id") WHERE due_at IS NOT NULL`,
    );
    await queryRunner.query(`ALTER TABLE "event_consumers" ADD COLUMN "registrations" bigint NOT NULL DEFAULT 0`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "event_consumers" DROP COLUMN "registrations"`);
    await queryRunner.query(`DROP TABLE "webhook_deliveries"`);
    await queryRunner.query(`DROP TABLE "webhook_usage"`);
    await queryRunner.query(`DROP TABLE "webhooks"`);
  }
}
