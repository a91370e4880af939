import { withContract } from '../http/shapes/contract.js';
import type { History } from './history.js';

/**
 * The decorators of a controller that follows a history: the contract is that of the request's microversion, so that
 * controllers know no version numbers.
 */
export const versioned = <Contract extends object>(history: History<Contract>) =>
  withContract<Contract>((request) => history.at(request.microversion!));
