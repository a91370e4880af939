import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { CONFIG, type Config } from '../config/config.js';
import { followTlsFiles } from './tls-files.js';

/** The life of the API's listener: certificates while it runs, and an end for requests that do not end by themselves. */
@Injectable()
export class HttpEdge implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  private stopFollowing: (() => void) | undefined;
  private impatience: NodeJS.Timeout | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  onApplicationBootstrap(): void {
    const { tlsCert, tlsKey } = this.config;
    if (tlsCert === undefined || tlsKey === undefined) return;
    this.stopFollowing = followTlsFiles(this.host.httpAdapter.getHttpServer() as TlsServer, tlsCert, tlsKey);
  }

  /** The listener closes next, and waits for what is under way. */
  beforeApplicationShutdown(): void {
    this.stopFollowing?.();
    const server = this.host.httpAdapter.getHttpServer() as Server;
    this.impatience = setTimeout(() => server.closeAllConnections(), this.config.shutdownSeconds * 1000);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.impatience);
  }
}
