import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A guest's addresses come from the index alone, in their order. */
export class OrderGuestAddresses1767225900000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `CREATE INDEX "guest_addresses_in_order" ON "guest_addresses" ("guest_id", "position", "address")`,
    );
    await queryRunner.query(`DROP INDEX "guest_addresses_guest_id"`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX "guest_addresses_guest_id" ON "guest_addresses" ("guest_id")`);
    await queryRunner.query(`DROP INDEX "guest_addresses_in_order"`);
  }
}
