import { MediaForm } from '../http/shapes/response-form.js';
import { changedGuest, ConfigDriveQuery, GuestsQuery, KnownHostsQuery, newGuest } from './guests.dto.js';
import { GuestPassword, ListedGuest, NextGuests, NoCloudToken, ShownGuest } from './guests.response.js';

/** The shapes and responses of the API of guests, which has no microversions. */
export const guestsApi = {
  createBody: newGuest,
  changeBody: changedGuest,
  listQuery: GuestsQuery,
  configDriveQuery: ConfigDriveQuery,
  knownHostsQuery: KnownHostsQuery,
  showReply: { guest: ShownGuest },
  listReply: { guests: [ListedGuest] as const, 'guests_links?': [NextGuests] as const },
  passwordReply: GuestPassword,
  noCloudTokenReply: NoCloudToken,
  knownHostsReply: new MediaForm({ 'text/plain': 'text' }),
  configDriveReply: new MediaForm({
    'application/x-iso9660-image': 'bytes',
    'application/x-raw-disk-image': 'bytes',
    'application/x-tar': 'bytes',
  }),
};
