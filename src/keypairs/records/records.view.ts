import { linksOf } from '../../http/pages.js';
import type { CertificateDescription, KeyDescription } from '../../crypto/key-type.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import { sha256 } from '../../crypto/fingerprint.js';
import { GUEST_WARNINGS, guestWarnings } from '../../crypto/guest-warnings.js';
import { projectOf } from '../../domain/keypair-owner.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { utcTime } from '../../domain/utc-time.js';
import type { KeypairRecord, OldKey } from '../../persistence/repositories/keypair-record.repository.js';
import { descriptionOf, isExpired } from './record-filter.js';
import type { CheckedText, CountedRecord, Pruned } from './records.service.js';

/** `{"keypair": {...}}`: the keypair with its key. */
export function showRecord({ record, guests }: CountedRecord): object {
  return { keypair: { ...row({ record, guests }), public_key: record.publicKey } };
}

/** `{"keypairs": [...], "keypairs_links": [...]}`; the link leads to the next page, if there may be one. */
export function listRecords(records: readonly CountedRecord[], next: string | undefined): object {
  return {
    keypairs: records.map(row),
    ...linksOf('keypairs', next),
  };
}

/** `{"versions": [...]}`: the current key, and those before it. */
export function showVersions(record: KeypairRecord, old: readonly OldKey[]): object {
  const { version, type, fingerprint, publicKey, createdAt, keySince, keyBy } = record;
  const current = { version, type, fingerprint, publicKey, validFrom: keySince ?? createdAt, madeBy: keyBy };
  return { versions: [{ ...current, replacedAt: null, validUntil: null }, ...old].map(versionRow) };
}

type ShownKey = Omit<OldKey, 'replacedAt' | 'validUntil'> & {
  readonly replacedAt: string | null;
  readonly validUntil: string | null;
};

function versionRow(key: ShownKey): object {
  return {
    version: key.version,
    type: key.type,
    fingerprint: key.fingerprint,
    ...keyMembers(key, descriptionOf(key)),
    from: key.validFrom,
    replaced_at: key.replacedAt,
    until: key.validUntil,
    by: key.madeBy,
  };
}

/** `{"prune": {...}}`. */
export function showPrune({ deleted, kept }: Pruned, isDryRun: boolean): object {
  return {
    prune: { dry_run: isDryRun, deleted: deleted.map(({ name, fingerprint }) => ({ name, fingerprint })), kept },
  };
}

/** `{"check": {...}}`: the verdict, and the properties of the key. */
export function showCheck({ type, publicKey, refusal }: CheckedText): object {
  const key = descriptionOf({ type, publicKey });
  return {
    check: {
      acceptable: refusal === undefined,
      reasons: refusal ? [{ code: refusal.code, message: refusal.reason }] : [],
      type,
      ...keyMembers({ type, fingerprint: key && KEY_TYPES[type].fingerprintOf(key.bytes) }, key),
      warnings: key ? guestWarnings(key).map((code) => ({ code, message: GUEST_WARNINGS[code] })) : [],
    },
  };
}

function row({ record, guests }: CountedRecord): object {
  const key = descriptionOf(record);
  const projectId = projectOf(record.userId);
  return {
    name: record.name,
    type: record.type,
    fingerprint: record.fingerprint,
    ...keyMembers(record, key),
    user_id: record.createdBy ?? record.userId,
    project_id: projectId ?? null,
    scope: projectId === undefined ? 'own' : 'project',
    version: record.version,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    expires_at: record.expiresAt,
    expired: isExpired(record, utcTime(Date.now())),
    tags: record.tags,
    note: record.note,
    delete_protected: record.deleteProtected,
    guests,
    last_delivered_at: record.lastDeliveredAt,
    ...(key?.certificate && { certificate: showCertificate(key.certificate) }),
  };
}

/** The properties of a key. One that no parser reads, such as Nova may store, has only its fingerprint. */
function keyMembers(
  { type, fingerprint }: { readonly type: KeypairType; readonly fingerprint: string | undefined },
  key: KeyDescription | undefined,
): object {
  const { fingerprintKind, showSha256 } = KEY_TYPES[type];
  return {
    algorithm: key?.algorithm ?? null,
    bits: key?.bits ?? null,
    comment: key?.comment ?? '',
    fingerprints: { ...(key && { sha256: showSha256(sha256(key.bytes)) }), [fingerprintKind]: fingerprint },
  };
}

function showCertificate({ subject, validTo, principal }: CertificateDescription): object {
  const end = Date.parse(validTo);
  return { subject, not_after: Number.isNaN(end) ? null : utcTime(end), upn: principal ?? null };
}
