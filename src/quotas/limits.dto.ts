import { isEach, isText, Optional, Strict } from '../http/shapes/shape.js';

/** The project whose limits are requested. Of several the last counts. */
export class LimitsQuery {
  @Optional(isEach(isText)) tenant_id?: string[];
}

/** 2.75: unknown parameters are refused. */
@Strict()
export class ExactLimitsQuery extends LimitsQuery {}
