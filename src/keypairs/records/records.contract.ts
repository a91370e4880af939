import {
  appliedRecord,
  ApplyQuery,
  changedRecord,
  keyToCheck,
  ProjectApplyQuery,
  ProjectItemQuery,
  ProjectRecordsQuery,
  pruneOrder,
  RecordOwnerQuery,
  RecordsQuery,
  shareOrder,
  takeOrder,
} from './records.dto.js';
import { KeyCheck, KeyVersion, ListedRecord, NextRecords, PruneResult, ShownRecord } from './records.response.js';

/** The shapes and responses of the life of keypairs, which has no microversions. */
export const recordsApi = {
  applyBody: appliedRecord,
  applyQuery: ApplyQuery,
  changeBody: changedRecord,
  listQuery: RecordsQuery,
  itemQuery: RecordOwnerQuery,
  projectListQuery: ProjectRecordsQuery,
  projectItemQuery: ProjectItemQuery,
  projectApplyQuery: ProjectApplyQuery,
  shareBody: shareOrder,
  takeBody: takeOrder,
  showReply: { keypair: ShownRecord },
  listReply: { keypairs: [ListedRecord] as const, 'keypairs_links?': [NextRecords] as const },
  pruneBody: pruneOrder,
  pruneReply: { prune: PruneResult },
  checkBody: keyToCheck,
  checkReply: { check: KeyCheck },
  versionsReply: { versions: [KeyVersion] as const },
};
