import { type HealthResult, troublesOf } from './health.js';

export interface HealthAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * The answer of oslo.middleware's healthcheck: what is wrong as text, a line each; with `Accept: application/json` as JSON with
 * the details of each check; to HEAD nothing but 204 or 503.
 */
export function healthAnswer(
  method: string,
  accept: string | undefined,
  results: readonly HealthResult[],
): HealthAnswer {
  const isHealthy = results.every(({ healthy }) => healthy);
  const status = isHealthy ? (method === 'HEAD' ? 204 : 200) : 503;
  if (accept?.includes('application/json')) {
    const reasons = results.map(({ name, ...said }) => ({ class: name, ...said }));
    return { status, contentType: 'application/json', body: JSON.stringify({ detailed: true, reasons }) };
  }
  const lines = isHealthy ? ['OK'] : troublesOf(results);
  return { status, contentType: 'text/plain; charset=UTF-8', body: lines.join('\n') };
}
