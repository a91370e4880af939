/**
 * The refusals of the metadata service, by the statuses that Neutron's agents pass on to the guest, and 401, which is of session
 * tokens and so never behind Neutron; any other one makes the agents fail (neutron.agent.metadata). docs/errors.md is printed from it.
 */
export const REFUSALS = {
  400: {
    title: 'Bad Request',
    meaning:
      'The request is not HTTP, too long, or lacks a header of the agent; or the password is not base64, or a reported host key is none.',
    remedy: 'Check the agent or proxy in front: guests themselves send no such request.',
  },
  401: {
    title: 'Unauthorized',
    meaning: 'The session token is wrong or has expired, or METADATA_TOKENS=required and there is none.',
    remedy: 'PUT /latest/api/token for a new one.',
  },
  403: {
    title: 'Forbidden',
    meaning: 'The signature of the agent is wrong, or a page in a browser sent the request.',
    remedy: 'Give the agents of Neutron and METADATA_SECRET the same secret.',
  },
  404: {
    title: 'Not Found',
    meaning: 'No guest is registered for the address or instance, or it has no such data.',
    remedy: 'Register the guest with this address, in the network of this listener.',
  },
  409: {
    title: 'Conflict',
    meaning: 'The guest has set its password, or has reported other host keys.',
    remedy: 'Register the guest again, or let it report again (latchkey guest forget-host-keys).',
  },
  500: { title: 'Internal Server Error', meaning: 'An unexpected error.', remedy: 'Look at the log of the service.' },
  503: { title: 'Service Unavailable', meaning: 'The database does not answer.', remedy: 'None needed: agents retry.' },
} as const;

export type RefusalStatus = keyof typeof REFUSALS;
export type MetadataStatus = 200 | RefusalStatus;

/** A request that is not served. Its message never depends on a guest. */
export class Refusal extends Error {
  constructor(
    readonly status: RefusalStatus,
    message: string,
  ) {
    super(message);
    this.name = 'Refusal';
  }

  /** The answer's text, in the form of WebOb, which Nova's is in. */
  get page(): string {
    return `${this.status} ${REFUSALS[this.status].title}\n\n${this.message}\n\n   `;
  }
}

/** No such guest, or no such path: the answer is the same. */
export const notFound = (): Refusal => new Refusal(404, 'The resource could not be found.');
