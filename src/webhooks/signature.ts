import { createHmac } from 'node:crypto';

/** A secret as Standard Webhooks writes it. */
export const showSecret = (secret: Buffer): string => `whsec_${secret.toString('base64')}`;

/** The headers of a delivery (Standard Webhooks): its id, the time in seconds, and a signature for each secret. */
export function signatureHeaders(
  id: string,
  seconds: number,
  body: string,
  secrets: readonly Buffer[],
): Readonly<Record<string, string>> {
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
