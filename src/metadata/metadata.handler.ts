import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { type Document, textDocument } from './document.js';
import { GUEST_FINDER, type GuestFinder } from './guest-finder.js';
import { MetadataService } from './metadata.service.js';
import { notFound, Refusal } from './refusal.js';
import { segmentsOf } from './request-path.js';

/** Bytes of a body: those of a password (nova.api.metadata.password). */
const BODY_LIMIT = 1020;

/** The way of a guest's request: path, guest, document. */
@Injectable()
export class MetadataHandler {
  constructor(
    @Inject(GUEST_FINDER) private readonly finder: GuestFinder,
    private readonly metadata: MetadataService,
  ) {}

  /** Throws {@link Refusal}. */
  async answer(request: IncomingMessage): Promise<Document> {
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      throw new Refusal(400, 'GET and POST only are supported.');
    }
    const path = segmentsOf(request.url ?? '');
    if (!path) throw notFound();
    const guest = await this.finder.find(request);
    if (!guest) throw notFound();
    if (method !== 'POST') return this.metadata.read(guest, path);
    await this.metadata.leave(guest, path, await bodyOf(request), request.socket.remoteAddress ?? '');
    return textDocument('');
  }
}

/** What is too long is read to its end all the same, or the guest might see a broken connection and no answer. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  if (size > BODY_LIMIT) throw new Refusal(400, 'Request is too large.');
  return Buffer.concat(chunks).toString('latin1');
}
