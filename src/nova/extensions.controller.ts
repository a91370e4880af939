import { Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import { Errors } from '../http/shapes/contract.js';
import { NovaController } from './nova-controller.js';
import { versioned } from './versioned.js';
import { type Extension, extensionsHistory } from './extensions.history.js';

const { Response } = versioned(extensionsHistory);

/** There is no such extension, or it is switched off. */
class ExtensionNotFound extends DomainError {
  constructor() {
    super('extension-not-found', 'The resource could not be found.');
  }
}

/** Nova's description since extensions are no longer loaded one by one. */
const KEYPAIRS: Readonly<Extension> = {
  alias: 'os-keypairs',
  description: 'Keypair Support.',
  links: [],
  name: 'Keypairs',
  namespace: 'http://docs.openstack.org/compute/ext/fake_xml',
  updated: '2014-12-03T00:00:00Z',
};

/** In the same form. The alias comes from the Nova specification of X.509 keypairs. */
const EXTENDED_KEYPAIRS: Extension = {
  ...KEYPAIRS,
  alias: 'os-extended-keypairs',
  description: 'Adds the type of keypairs, SSH or X509, to the API at /v2.',
  name: 'ExtendedKeypairs',
};

/** The extensions of the API, for clients from before microversions. */
@NovaController('extensions')
@ApiTags('extensions')
export class ExtensionsController {
  private readonly extensions: readonly Extension[];

  constructor(@Inject(CONFIG) config: Config) {
    this.extensions = config.extendedKeypairs ? [KEYPAIRS, EXTENDED_KEYPAIRS] : [KEYPAIRS];
  }

  @Get()
  @Response('listReply')
  @ApiOperation({ operationId: 'listExtensions', summary: 'List extensions' })
  list(): object {
    return { extensions: this.extensions };
  }

  @Get(':alias')
  @Response('showReply')
  @Errors('not-found')
  @ApiOperation({ operationId: 'showExtension', summary: 'Show an extension' })
  show(@Param('alias') alias: string): object {
    const extension = this.extensions.find((each) => each.alias === alias);
    if (!extension) throw new ExtensionNotFound();
    return { extension };
  }
}
