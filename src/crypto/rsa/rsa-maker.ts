import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { DomainError } from '../../domain/domain-error.js';

/** No key pair can be generated soon: too many requests wait for one, or the service is stopping. */
export class KeyGenerationBusy extends DomainError {
  constructor(readonly retryAfterSeconds: number) {
    super(
      'key-generation-busy',
      `No key pair can be generated now. Try again in ${retryAfterSeconds} s, or import a key.`,
    );
  }
}

// The thread is given as text, so it is the same in the build, where the sources are JavaScript, and in the tests, where
// they are not. Threads of Linux have priorities of their own; elsewhere the call would slow down the whole service.
const THREAD = `
const { generateKeyPairSync } = require('node:crypto');
const { setPriority } = require('node:os');
const { parentPort } = require('node:worker_threads');
if (process.platform === 'linux') try { setPriority(0, 19); } catch {}
parentPort.on('message', (modulusLength) => {
  parentPort.postMessage(generateKeyPairSync('rsa', { modulusLength, publicExponent: 65537 }).privateKey);
});
`;

interface Order {
  readonly bits: number;
  readonly done: (key: KeyObject) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Makes RSA keys one after another, in one thread that yields to everything else: an RSA key is a tenth of a second of
 * work, and on the threads that Node shares it would hold up the requests of others.
 */
export class RsaMaker {
  private worker: Worker | undefined;
  private readonly orders: Order[] = [];

  /** `maxOrders` includes the key that is being generated. */
  constructor(private readonly maxOrders = 32) {}

  make(bits: number): Promise<KeyObject> {
    if (this.orders.length >= this.maxOrders) return Promise.reject(new KeyGenerationBusy(this.secondsOfWork()));
    return new Promise((done, failed) => {
      this.orders.push({ bits, done, failed });
      if (this.orders.length === 1) this.begin();
    });
  }

  /** Ends the thread; waiting requests are refused, so that clients try again at another replica. */
  async stop(): Promise<void> {
    const worker = this.worker;
    this.worker = undefined;
    for (const order of this.orders.splice(0)) order.failed(new KeyGenerationBusy(1));
    await worker?.terminate();
  }

  // About ten keys a second at 2048 bits, and the work grows with the fourth power of the size.
  private secondsOfWork(): number {
    const seconds = this.orders.reduce((sum, { bits }) => sum + 0.1 * (bits / 2048) ** 4, 0);
    return Math.min(Math.ceil(seconds), 60);
  }

  private begin(): void {
    this.worker ??= this.start();
    // The thread keeps the process alive only while a request waits for a key.
    this.worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A thread has no origin.
    this.worker.postMessage(this.orders[0].bits);
  }

  private start(): Worker {
    const worker = new Worker(THREAD, { eval: true, execArgv: [] });
    worker.on('message', (key: KeyObject) => {
      if (worker === this.worker) this.finish((order) => order.done(key));
    });
    worker.on('error', (error) => {
      if (worker !== this.worker) return;
      this.worker = undefined;
      this.finish((order) => order.failed(error));
    });
    return worker;
  }

  private finish(settle: (order: Order) => void): void {
    const order = this.orders.shift();
    if (this.orders.length > 0) this.begin();
    else this.worker?.unref();
    if (order !== undefined) settle(order);
  }
}
