// Requests to the service over HTTP, on kept connections.
import { createHmac, randomBytes } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';

/** Bytes of the secret that signs requests for metadata. */
const SECRET_BYTES = 32;

export class Service {
  /** Neutron's shared secret, for METADATA_SECRET. */
  static newSecret = () => randomBytes(SECRET_BYTES).toString('hex');

  #agent = new Agent({ keepAlive: true });
  #metadataSecret;

  /** `api` and `metadata` are URLs; `users` are those of clouds.yaml, by name, with a token each. */
  constructor({ api, metadata, metadataSecret, users }) {
    this.api = api;
    this.metadata = metadata;
    this.users = users;
    this.#metadataSecret = metadataSecret;
  }

  /** One request to the API: `{ status, headers, text, json }`. Rejects where there is no answer. */
  ask(method, path, { token, version, type = 'application/json', body } = {}) {
    const headers = {
      ...(token !== undefined && { 'X-Auth-Token': token }),
      ...(version !== undefined && { 'X-OpenStack-Nova-API-Version': version }),
    };
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    if (text !== undefined) headers['Content-Type'] = type;
    return this.send(this.api + path, method, headers, text);
  }

  /** A guest's request, sent through Neutron's agent. */
  askMetadata(path, guest) {
    const signature = createHmac('sha256', this.#metadataSecret).update(guest.id).digest('hex');
    const headers = { 'X-Instance-ID': guest.id, 'X-Tenant-ID': guest.project, 'X-Instance-ID-Signature': signature };
    return this.send(this.metadata + path, 'GET', headers);
  }

  logIn({ name, password, project }) {
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name, domain, password } } };
    const scope = { project: { name: project, domain } };
    return this.ask('POST', '/identity/v3/auth/tokens', { body: { auth: { identity, scope } } });
  }

  /**
   * Repeats a request once if the service closed a kept connection just when it was used again, so that the outcome is unknown
   * (RFC 9112, 9.3.1: only reads may be repeated).
   */
  async send(url, method, headers, body) {
    try {
      return await this.#sendOnce(url, method, headers, body);
    } catch (error) {
      if (method === 'GET' && error.isStale) return this.#sendOnce(url, method, headers, body);
      throw error;
    }
  }

  #sendOnce(url, method, headers, body) {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sent = httpRequest(url, { method, agent: this.#agent, headers: { ...headers, ...length } }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(answer.headers['content-type']) && text !== '';
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          });
        });
      });
      sent.on('error', (error) =>
        reject(Object.assign(error, { isStale: sent.reusedSocket && error.code === 'ECONNRESET' })),
      );
      sent.end(body);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
