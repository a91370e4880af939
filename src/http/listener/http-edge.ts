import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { closeListener } from './close-listener.js';
import { followTlsFiles } from './tls-files.js';

/** The lifecycle of the API's listener: renewed certificates, limits, and the end of requests that do not end by themselves. */
@Injectable()
export class HttpEdge implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private stopFollowing: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    const { tlsCert, tlsKey } = this.config;
    if (tlsCert === undefined || tlsKey === undefined) return;
    const { httpAdapter } = this.host;
    const { log } = httpAdapter.getInstance<FastifyInstance>();
    this.stopFollowing = followTlsFiles(httpAdapter.getHttpServer() as TlsServer, tlsCert, tlsKey, log);
  }

  /** All listeners close at the same time. */
  onModuleDestroy(): void {
    this.stopFollowing?.();
    this.closing = closeListener(this.host.httpAdapter.getHttpServer() as Server, this.config.shutdownSeconds * 1000);
  }

  /** Waits for running requests before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.closing;
  }
}
