import { Closed, Follows, isEach, isText, MayBeAbsent } from '../http/shape.js';

/** The project whose limits are asked for. Of several the last counts. */
export class LimitsQuery {
  @MayBeAbsent()
  @Follows(isEach(isText))
  tenant_id?: string[];
}

/** 2.75: unknown parameters are refused. */
@Closed()
export class ExactLimitsQuery extends LimitsQuery {}
