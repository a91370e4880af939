/** The statuses that Neutron's agents pass on to the guest; any other one makes them fail (neutron.agent.metadata). */
export type MetadataStatus = 200 | 400 | 403 | 404 | 409 | 500 | 503;

const TITLES: Record<Exclude<MetadataStatus, 200>, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A request that is not served. What it says never depends on a guest. */
export class Refusal extends Error {
  constructor(
    readonly status: Exclude<MetadataStatus, 200>,
    says: string,
  ) {
    super(says);
    this.name = 'Refusal';
  }

  /** The answer's text, in the form of WebOb, which Nova's is in. */
  get page(): string {
    return `${this.status} ${TITLES[this.status]}\n\n${this.message}\n\n   `;
  }
}

/** No such guest, or no such path: the two are not told apart. */
export const notFound = (): Refusal => new Refusal(404, 'The resource could not be found.');
