import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The consumers of events, and the events that each has yet to receive. */
export class CreateEventQueue1767227600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "event_consumers" (
        "name" character varying(64) COLLATE "C" NOT NULL,
        "holder" uuid,
        "held_until" timestamp(6),
        CONSTRAINT "event_consumers_pkey" PRIMARY KEY ("name")
      )`);
    await queryRunner.query(`
      CREATE TABLE "event_queue" (
        "event_id" bigint NOT NULL,
        "consumer" character varying(64) COLLATE "C" NOT NULL,
        CONSTRAINT "event_queue_pkey" PRIMARY KEY ("event_id", "consumer")
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "event_queue"`);
    await queryRunner.query(`DROP TABLE "event_consumers"`);
  }
}
