import { type HealthResult, troublesOf } from './health.js';

export interface HealthAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * The response of oslo.middleware's healthcheck: a line of text for each problem; with `Accept: application/json` JSON with the
 * details of each check; to HEAD 204 or 503 without a body.
 */
export function healthAnswer(
  method: string,
  accept: string | undefined,
  results: readonly HealthResult[],
): HealthAnswer {
  const isHealthy = results.every(({ healthy }) => healthy);
  const status = isHealthy ? (method === 'HEAD' ? 204 : 200) : 503;
  if (accept?.includes('application/json')) {
    const reasons = results.map(({ name, ...rest }) => ({ class: name, ...rest }));
    return { status, contentType: 'application/json', body: JSON.stringify({ detailed: true, reasons }) };
  }
  const lines = isHealthy ? ['OK'] : troublesOf(results);
  return { status, contentType: 'text/plain; charset=UTF-8', body: lines.join('\n') };
}
