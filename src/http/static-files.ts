import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import type { ApiRequest } from './api-request.js';
import { RouteNotFound } from './faults/http-errors.js';

const CONTENT_TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
} as const;

/** Where a file of a page is. */
export interface FilePlace {
  readonly directory: string;
  /** Its extension decides the type that it is served as. */
  readonly file: string;
}

/** A file as browsers get it. */
interface StaticFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  /** Changes with the bytes. Times would not do: those of a package are the same in every release. */
  readonly etag: string;
}

/** The files of a page, each read at its first request. */
export class StaticFiles {
  private readonly read = new Map<string, Promise<StaticFile>>();

  constructor(
    /** By the name that a file has below the page. */
    private readonly places: ReadonlyMap<string, FilePlace>,
  ) {}

  get names(): readonly string[] {
    return [...this.places.keys()];
  }

  /** Answers GET and HEAD with the file, or with 304 if the browser has it. Throws RouteNotFound. */
  async answer(name: string, request: ApiRequest, reply: FastifyReply): Promise<Buffer | undefined> {
    const found = request.method === 'GET' || request.method === 'HEAD' ? this.find(name) : undefined;
    if (!found) throw new RouteNotFound();
    const { contentType, bytes, gzipped, etag } = await found;
    void reply.headers({ 'Content-Type': contentType, ETag: etag, Vary: 'Accept-Encoding' });
    if (request.headers['if-none-match'] === etag) {
      reply.status(304);
      return undefined;
    }
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return bytes;
    void reply.header('Content-Encoding', 'gzip');
    return gzipped;
  }

  private find(name: string): Promise<StaticFile> | undefined {
    const place = this.places.get(name);
    if (!place) return undefined;
    let found = this.read.get(name);
    if (!found) {
      found = readPlace(place);
      this.read.set(name, found);
    }
    return found;
  }
}

async function readPlace({ directory, file }: FilePlace): Promise<StaticFile> {
  const bytes = readFileSync(join(directory, file));
  const extension = file.slice(file.lastIndexOf('.') + 1) as keyof typeof CONTENT_TYPES;
  return {
    contentType: CONTENT_TYPES[extension],
    bytes,
    gzipped: await promisify(gzip)(bytes),
    // Weak, since it holds for both encodings (RFC 9110, 8.8.1).
    etag: `W/"${hash('sha256', bytes, 'base64url')}"`,
  };
}
