import { describe, expect, it } from '@jest/globals';
import { readTransportUrl } from './transport-url.js';

describe('NOTIFY_TRANSPORT_URL', () => {
  it.each([
    [
      'rabbit://nova:s3cret@mq1:5673/',
      {
        hosts: [{ hostname: 'mq1', port: 5673, username: 'nova', password: 's3cret' }],
        virtualHost: '/',
        isTls: false,
      },
    ],
    [
      'rabbit://u:p%40%2F@[2001:db8::1],v:q@mq2:5672/cloud?ssl=1',
      {
        hosts: [
          { hostname: '2001:db8::1', port: 5671, username: 'u', password: 'p@/' },
          { hostname: 'mq2', port: 5672, username: 'v', password: 'q' },
        ],
        virtualHost: 'cloud',
        isTls: true,
      },
    ],
    [
      'rabbit://mq1//',
      {
        hosts: [{ hostname: 'mq1', port: 5672, username: 'guest', password: 'guest' }],
        virtualHost: '/',
        isTls: false,
      },
    ],
  ])('%s is read as oslo.messaging reads it', (text, url) => {
    expect(readTransportUrl(text)).toEqual(url);
  });

  it.each(['amqp://mq1/', 'rabbit://', 'rabbit://u:p@/', 'rabbit://u:%zz@mq1/', 'rabbit://mq1/?heartbeat=3', 'mq1'])(
    '%s is refused without quoting it, since it may hold a password',
    (text) => {
      expect(() => readTransportUrl(text)).toThrow(/^must be a URL as rabbit:\/\/USER:PASSWORD@HOST:5672\/;/);
    },
  );
});
