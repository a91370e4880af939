import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox: an event for each change, written by the statement that makes the change. */
export class CreateEvents1767227500000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "events" (
        "id" BIGSERIAL NOT NULL,
        "event_id" uuid NOT NULL,
        "at" timestamp(6) NOT NULL DEFAULT timezone('utc', now()),
        "type" character varying(64) COLLATE "C" NOT NULL,
        "project_id" character varying(255),
        "owner" character varying(255) COLLATE "C" NOT NULL,
        "actor" character varying(255) COLLATE "C" NOT NULL,
        "request_id" character varying(255) NOT NULL,
        "data" jsonb NOT NULL,
        CONSTRAINT "events_pkey" PRIMARY KEY ("id")
      )`);
    await queryRunner.query(`CREATE INDEX "events_owner_id" ON "events" ("owner", "id")`);
    await queryRunner.query(`CREATE INDEX "events_actor_id" ON "events" ("actor", "id") WHERE actor <> owner`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "events"`);
  }
}
