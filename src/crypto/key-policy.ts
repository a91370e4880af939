import type { Config } from '../config/config.js';

/** Which well-formed keys are taken: `strict` leaves out what would hurt somebody later, `nova` takes all that Nova takes. */
export type KeyPolicy = Config['keyPolicy'];
