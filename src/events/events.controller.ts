import { Controller, Get, Inject, Req, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../config/config.js';
import type { Caller } from '../domain/caller.js';
import { DomainError } from '../domain/domain-error.js';
import { typesOf } from '../domain/event-type.js';
import { readTime } from '../domain/utc-time.js';
import { type ApiRequest, pathOf } from '../http/api-request.js';
import { BaseUrl } from '../http/base-url.js';
import { BodyGuard } from '../http/shapes/body.guard.js';
import { Errors, withContract } from '../http/shapes/contract.js';
import { FIRST } from '../persistence/event.repository.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { IdentityGuard } from '../identity/identity.guard.js';
import { eventsApi } from './events.contract.js';
import type { EventsQuery } from './events.dto.js';
import { type EventsOf, EventsService } from './events.service.js';
import { listEvents } from './events.view.js';

const { Response, ShapedQuery } = withContract(() => eventsApi);

/** Events of changes, which Nova publishes on its message bus only; without microversions. */
@Controller('v1/events')
@UseGuards(IdentityGuard, BodyGuard)
@ApiTags('events')
export class EventsController {
  constructor(
    private readonly events: EventsService,
    private readonly baseUrl: BaseUrl,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Response('listReply')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listEvents', summary: 'List events, the oldest first' })
  async list(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: EventsQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const limit = Math.min(Number(query.limit?.at(-1) ?? this.config.maxLimit), this.config.maxLimit);
    const rows = await this.events.page(caller, eventsOf(caller, query), {
      types: query.type?.flatMap(typesOf),
      since: query.since && readTime(query.since.at(-1)!),
      after: query.marker?.at(-1) ?? FIRST,
      limit,
    });
    const last = limit > 0 && rows.length === limit ? rows.at(-1) : undefined;
    if (!last) return listEvents(rows, undefined);
    const { marker: _marker, ...others } = query;
    const parameters = new URLSearchParams();
    for (const [name, values] of Object.entries(others) as [string, string[] | undefined][])
      for (const value of values ?? []) parameters.append(name, value);
    parameters.set('marker', last.id);
    return listEvents(rows, `${this.baseUrl.of(request)}${pathOf(request)}?${parameters.toString()}`);
  }
}

function eventsOf({ userId }: Caller, query: EventsQuery): EventsOf {
  const isOfAll = query.all_users?.at(-1) === 'true';
  if (query.scope?.at(-1) === 'project') {
    if (isOfAll || query.user_id !== undefined)
      throw new DomainError('invalid-shape', 'scope=project is for the caller; leave out user_id and all_users.');
    return 'project';
  }
  if (isOfAll && query.user_id !== undefined)
    throw new DomainError('invalid-shape', 'user_id and all_users are both given; keep one.');
  return isOfAll ? 'all' : { userId: query.user_id?.at(-1) || userId };
}
