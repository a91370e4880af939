import { DescribedVersion, ListedVersion } from './versions.response.js';

/** What the version documents are. */
export const versionsApi = {
  allReply: { versions: [ListedVersion] as const },
  oneReply: { version: DescribedVersion },
};
