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
  @ApiOperation({ operationId: 'listServers', summary: 'List the servers, of which there are none' })
  servers(): object {
    return { servers: [] };
  }

  @Get('servers/detail')
  @Response('serversReply')
  @ApiOperation({ operationId: 'detailServers', summary: 'List the servers with details; there are none' })
  serversInDetail(): object {
    return { servers: [] };
  }

  @Get('flavors')
  @Response('flavorsReply')
  @ApiOperation({ operationId: 'listFlavors', summary: 'List the flavors, of which there are none' })
  flavors(): object {
    return { flavors: [] };
  }

  @Get('flavors/detail')
  @Response('flavorsReply')
  @ApiOperation({ operationId: 'detailFlavors', summary: 'List the flavors with details; there are none' })
  flavorsInDetail(): object {
    return { flavors: [] };
  }

  @Get('os-server-groups')
  @Response('serverGroupsReply')
  @ApiOperation({ operationId: 'listServerGroups', summary: 'List the server groups, of which there are none' })
  serverGroups(): object {
    return { server_groups: [] };
  }

  @Get('os-availability-zone')
  @Response('zonesReply')
  @ApiOperation({ operationId: 'listAvailabilityZones', summary: 'List the availability zones; there are none' })
  availabilityZones(): object {
    return { availabilityZoneInfo: [] };
  }

  @Get('os-availability-zone/detail')
  @Response('zonesReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'detailAvailabilityZones', summary: 'List the availability zones with their hosts' })
  availabilityZonesInDetail(@CurrentCaller() caller: Caller): object {
    requirePolicy(caller, 'os_compute_api:os-availability-zone:detail');
    return { availabilityZoneInfo: [] };
  }

  @Get('os-simple-tenant-usage')
  @Response('usagesReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'listUsage', summary: 'List what the servers of all projects used' })
  usages(@CurrentCaller() caller: Caller): object {
    requirePolicy(caller, 'os_compute_api:os-simple-tenant-usage:list');
    return { tenant_usages: [] };
  }

  @Get('os-simple-tenant-usage/:id')
  @Response('usageReply')
  @Errors('forbidden')
  @ApiOperation({ operationId: 'showUsage', summary: 'Show what the servers of a project used, which is nothing' })
  usage(@CurrentCaller() caller: Caller, @Param('id') id: string): object {
    requirePolicy(caller, 'os_compute_api:os-simple-tenant-usage:show', { projectId: id });
    return { tenant_usage: {} };
  }
}
