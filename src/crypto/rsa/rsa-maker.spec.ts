import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { KeyGenerationBusy, RsaMaker } from './rsa-maker.js';

// The thread yields to everything else, also to other tests on a busy machine.
jest.setTimeout(60_000);

describe('the maker of RSA keys', () => {
  let maker = new RsaMaker();
  afterEach(() => maker.stop());

  it('makes keys of the requested size, with the exponent 65537', async () => {
    maker = new RsaMaker();
    const keys = await Promise.all([maker.make(1024), maker.make(2048)]);
    expect(keys.map((key) => key.asymmetricKeyDetails)).toEqual([
      { modulusLength: 1024, publicExponent: 65537n },
      { modulusLength: 2048, publicExponent: 65537n },
    ]);
  });

  it('refuses a request when too many wait, with the time to retry, and accepts the next', async () => {
    maker = new RsaMaker(2);
    const orders = [maker.make(1024), maker.make(1024)];
    const refused = await maker.make(1024).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(KeyGenerationBusy);
    expect(refused).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 1 });

    await Promise.all(orders);
    expect((await maker.make(1024)).type).toBe('private');
  });

  it('tells those who wait to try again when it stops, and starts anew when asked', async () => {
    maker = new RsaMaker();
    const outcomes = Promise.allSettled([maker.make(2048), maker.make(2048)]);
    await maker.stop();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await maker.make(1024)).type).toBe('private');
  });

  it('hands on a failure and makes the next key', async () => {
    maker = new RsaMaker();
    await expect(maker.make(-1)).rejects.toThrow(/modulusLength/);
    expect((await maker.make(1024)).type).toBe('private');
  });

  it('leaves the event loop free while it works', async () => {
    maker = new RsaMaker();
    await maker.make(1024);
    let ticks = 0;
    const clock = setInterval(() => (ticks += 1), 1);
    await maker.make(3072);
    clearInterval(clock);
    // Such a key takes hundreds of milliseconds: were it made here, nothing would tick meanwhile.
    expect(ticks).toBeGreaterThan(5);
  });
});
