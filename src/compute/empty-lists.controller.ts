import { Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Caller } from '../domain/caller.js';
import { Errors } from '../http/shapes/contract.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { NovaController } from '../nova/nova-controller.js';
import { versioned } from '../nova/versioned.js';
import { requirePolicy } from '../policy/policy.js';
import { emptyListsHistory } from './empty-lists.history.js';

const { Response } = versioned(emptyListsHistory);

/** What dashboards and tools read of the compute API beside keypairs. Every filter of an empty list leaves it empty. */
@NovaController('')
@ApiTags('empty lists')
export class EmptyListsController {
  @Get('servers')
  @Response('serversReply')
  @ApiOperation({ operationId: 'listServers', summary: 'List servers (always empty)' })
  servers(): object {
    return { servers: [] };
  }

  @Get('servers/detail')
  @Response('serversReply')
  @ApiOperation({ operationId: 'detailServers', summary: 'List servers with details (always empty)' })
  serversInDetail(): object {
    return { servers: [] };
  }

  @Get('flavors')
  @Response('flavorsReply')
  @ApiOperation({ operationId: 'listFlavors', summary: 'List flavors (always empty)' })
  flavors(): object {
    return { flavors: [] };
  }

  @Get('flavors/detail')
  @Response('flavorsReply')
  @ApiOperation({ operationId: 'detailFlavors', summary: 'List flavors with details (always empty)' })
  flavorsInDetail(): object {
    return { flavors: [] };
  }

  @Get('os-server-groups')
  @Response('serverGroupsReply')
  @ApiOperation({ operationId: 'listServerGroups', summary: 'List server groups (always empty)' })
  serverGroups(): object {
    return { server_groups: [] };
  }

  @Get('os-availability-zone')
  @Response('zonesReply')
  @ApiOperation({ operationId: 'listAvailabilityZones', summary: 'List availability zones (always empty)' })
  availabilityZones(): object {
    return { availabilityZoneInfo: [] };
  }

  @Get('os-availability-zone/detail')
  @Response('zonesReply')
  @Errors('forbidden')
  @ApiOperation({
    operationId: 'detailAvailabilityZones',
    summary: 'List availability zones with their hosts (always empty)',
  })
  availabilityZonesInDetail(@CurrentCaller() caller: Caller): object {
    requirePolicy(caller, 'os_compute_api:os-availability-zone:detail');
    return { availabilityZoneInfo: [] };
  }

  @Get('os-simple-tenant-usage')
  @Response('usagesReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'listUsage', summary: 'List the usage of all projects (always empty)' })
  usages(@CurrentCaller() caller: Caller): object {
    requirePolicy(caller, 'os_compute_api:os-simple-tenant-usage:list');
    return { tenant_usages: [] };
  }

  @Get('os-simple-tenant-usage/:id')
  @Response('usageReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'showUsage', summary: 'Show the usage of a project (always empty)' })
  usage(@CurrentCaller() caller: Caller, @Param('id') id: string): object {
    requirePolicy(caller, 'os_compute_api:os-simple-tenant-usage:show', { projectId: id });
    return { tenant_usage: {} };
  }
}
