import { Get, Param } from '@nestjs/common';
import { DomainError } from '../errors/domain-error.js';
import { NovaController } from '../nova/nova-controller.js';

class ExtensionNotFound extends DomainError {
  constructor() {
    super('not-found', 'The resource could not be found.');
  }
}

/** An entry as Nova has told it since extensions stopped being loaded one by one. */
const KEYPAIRS = {
  alias: 'os-keypairs',
  description: 'Keypair Support.',
  links: [],
  name: 'Keypairs',
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  updated: '2014-12-03T00:00:00Z',
};

/** What the API can do beyond its core, for clients from before microversions. */
@NovaController('extensions')
export class ExtensionsController {
  @Get()
  list(): object {
    return { extensions: [KEYPAIRS] };
  }

  @Get(':alias')
  show(@Param('alias') alias: string): object {
    if (alias !== KEYPAIRS.alias) throw new ExtensionNotFound();
    return { extension: KEYPAIRS };
  }
}
