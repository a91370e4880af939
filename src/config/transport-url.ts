/** One message broker. */
export interface BrokerHost {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** A parsed NOTIFY_TRANSPORT_URL. */
export interface TransportUrl {
  /** In the order in which they are tried. */
  readonly hosts: readonly BrokerHost[];
  readonly virtualHost: string;
  readonly isTls: boolean;
}

const FORM = /^rabbit:\/\/([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const HOST = /^(?:([^:@]*)(?::([^@]*))?@)?(\[[0-9a-fA-F:.]+\]|[^:@]+)(?::(\d{1,5}))?$/;
const [PORT, TLS_PORT] = [5672, 5671];

/**
 * Reads `rabbit://USER:PASSWORD@HOST:PORT,USER:PASSWORD@HOST:PORT/VIRTUAL_HOST?ssl=1`, as oslo.messaging has it
 * (oslo_messaging/transport.py). Throws an error whose message completes "NOTIFY_TRANSPORT_URL ...".
 */
export function readTransportUrl(text: string): TransportUrl {
  const wrong = new Error(
    'must be a URL as rabbit://USER:PASSWORD@HOST:5672/; several hosts have commas between them, and ?ssl=1 asks for TLS',
  );
  const [whole, hostList = '', path = '', query = ''] = FORM.exec(text) ?? [];
  const parameters = new URLSearchParams(query);
  if (whole === undefined || [...parameters.keys()].some((name) => name !== 'ssl')) throw wrong;
  const isTls = /^(?:1|true|yes|on)$/i.test(parameters.get('ssl') ?? '');
  try {
    const hosts = hostList.split(',').map((host) => readHost(host, isTls ? TLS_PORT : PORT));
    return { hosts, virtualHost: decodeURIComponent(path) || '/', isTls };
  } catch {
    // What decodes a text quotes it, and it has the password.
    throw wrong;
  }
}

function readHost(text: string, usualPort: number): BrokerHost {
  const [whole, username = 'guest', password = 'guest', host = '', port] = HOST.exec(text) ?? [];
  if (whole === undefined) throw new Error('No host.');
  return {
    hostname: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? usualPort : Number(port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
