import type { Config } from '../config/config.js';

/** Which well-formed keys are accepted: `strict` refuses weak and unusable ones, `nova` accepts all that Nova accepts. */
export type KeyPolicy = Config['keyPolicy'];
