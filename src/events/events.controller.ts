import { Get, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { Caller } from '../domain/caller.js';
import { DomainError } from '../domain/domain-error.js';
import { typesOf } from '../domain/event-type.js';
import { readTime } from '../domain/utc-time.js';
import type { ApiRequest } from '../http/api-request.js';
import { Pages } from '../http/pages.js';
import { Errors, withContract } from '../http/shapes/contract.js';
import { FIRST } from '../persistence/repositories/event.repository.js';
import { CurrentCaller } from '../identity/current-caller.js';
import { V1Controller } from '../identity/v1-controller.js';
import { eventsApi } from './events.contract.js';
import type { EventsQuery } from './events.dto.js';
import { type EventsOf, EventsService } from './events.service.js';
import { listEvents } from './events.view.js';

const { Response, ShapedQuery } = withContract(() => eventsApi);

/** Events of changes, which Nova publishes on its message bus only; without microversions. */
@V1Controller('v1/events', 'events')
export class EventsController {
  constructor(
    private readonly events: EventsService,
    private readonly pages: Pages,
  ) {}

  @Get()
  @Response('listReply')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listEvents', summary: 'List events, oldest first' })
  async list(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: EventsQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const { marker, ...others } = query;
    const limit = this.pages.limit(query);
    const rows = await this.events.page(caller, eventsOf(caller, query), {
      types: query.type?.flatMap(typesOf),
      since: query.since && readTime(query.since.at(-1)!),
      after: marker?.at(-1) ?? FIRST,
      limit,
    });
    const ids = rows.map(({ id }) => id);
    return listEvents(rows, this.pages.next(request, others, limit, ids));
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
