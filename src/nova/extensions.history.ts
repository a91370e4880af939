import type { ResponseForm } from '../http/shapes/response-form.js';
import { History } from './history.js';
import { Extension } from './extensions.response.js';

/** What a microversion determines for extensions. */
export interface ExtensionsApi {
  readonly listReply: ResponseForm;
  readonly showReply: ResponseForm;
}

/** No microversion has changed them. */
export const extensionsHistory = new History<ExtensionsApi>({
  from: '1.1',
  changes: 'What there is beyond the core: os-keypairs, and os-extended-keypairs unless it is off.',
  now: { listReply: { extensions: [Extension] }, showReply: { extension: Extension } },
});
