import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Gives keypairs a type. Those that exist become `ssh`: a constant default is a change of metadata, no row is rewritten. */
export class AddKeypairType1767225660000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TYPE "keypair_type" AS ENUM ('ssh', 'x509')`);
    await queryRunner.query(`ALTER TABLE "key_pairs" ADD COLUMN "type" "keypair_type" NOT NULL DEFAULT 'ssh'`);
  }

  /** Without the column a certificate would pass for an SSH key, so there must be none. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const [{ count }] = (await queryRunner.query(
      `SELECT count(*)::int AS count FROM "key_pairs" WHERE "type" <> 'ssh'`,
    )) as [{ count: number }];
    if (count > 0) {
      throw new Error(
        `${count} keypairs are x509 and cannot be kept without the type column. Delete or export them first: ` +
          `SELECT user_id, name FROM key_pairs WHERE type = 'x509'`,
      );
    }
    await queryRunner.query(`ALTER TABLE "key_pairs" DROP COLUMN "type"`);
    await queryRunner.query(`DROP TYPE "keypair_type"`);
  }
}
