import type { ReplyForm } from '../http/reply-form.js';
import { History } from '../microversions/history.js';
import { Extension } from './extensions.replies.js';

/** What a microversion says of extensions. */
export interface ExtensionsApi {
  readonly listReply: ReplyForm;
  readonly showReply: ReplyForm;
}

/** No microversion has changed them. */
export const extensionsHistory = new History<ExtensionsApi>({
  from: '1.1',
  says: 'What there is beyond the core: os-keypairs, and os-extended-keypairs unless it is off.',
  now: { listReply: { extensions: [Extension] }, showReply: { extension: Extension } },
});
