import { All, Controller, UseGuards } from '@nestjs/common';
import { DomainError } from '../domain/domain-error.js';
import { IdentityGuard } from '../identity/identity.guard.js';

/** No route under /v1 has the method and path. */
class NoSuchPath extends DomainError {
  constructor() {
    super('no-such-path', 'No route has this method and path. See /v1/keypairs and /v1/guests.');
  }
}

/** Paths and methods under /v1 that no other controller claims; Nova's catch-all would list its versions there. */
@Controller('v1')
@UseGuards(IdentityGuard)
export class UnclaimedGuestsController {
  @All('*')
  answer(): never {
    throw new NoSuchPath();
  }
}
