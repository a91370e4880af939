import { Injectable } from '@nestjs/common';
import { KeystoneFault } from '../../../http/faults/keystone-fault.js';
import { OneTimeCodeRepository } from '../../../persistence/repositories/one-time-code.repository.js';
import { LoginThrottle } from '../../login-throttle.js';
import { Administration } from '../administration/administration.js';
import { malformedRequest } from '../body.js';
import type { User } from '../directory/directory.js';
import { isCodeSecret, stepOfCode } from './one-time-code.js';
import type { Grant } from './tokens.js';

/** Users who set up one-time codes for themselves. Throws KeystoneFaults: 403 also for what is wrong, since the token is right. */
@Injectable()
export class CodeEnrolment {
  constructor(
    private readonly administration: Administration,
    private readonly throttle: LoginThrottle,
    private readonly codes: OneTimeCodeRepository,
  ) {}

  /**
   * Requires codes of this secret from now on. The password proves the user, since a token may be stolen, and a code that the
   * authenticator has the secret. Throws a KeystoneFault: 400, 403, 409 if codes are required already, or 429.
   */
  async begin({ user, credential }: Grant, password: string, secret: string, code: string, address: string) {
    if (credential) throw forbidden('Application credentials cannot set up one-time codes.');
    this.administration.requireWritable();
    if (!isCodeSecret(secret)) throw malformedRequest('Expecting to find secret in Base32.');
    if (user.codeSecret !== null)
      throw new KeystoneFault('conflict', 'You have one-time codes already. End them first.');
    const isPassword = await this.administration.checkPassword(user.id, password, address);
    if (!isPassword) throw forbidden('The password is wrong.');
    await this.requireCode(user, secret, code, address);
    await this.administration.changeCodeSecret(user.id, secret);
  }

  /** Requires no codes any more, which needs one. Throws a KeystoneFault: 403 or 429. */
  async end({ user, credential }: Grant, code: string, address: string): Promise<void> {
    if (credential) throw forbidden('Application credentials cannot end one-time codes.');
    this.administration.requireWritable();
    if (user.codeSecret === null) return;
    await this.requireCode(user, user.codeSecret, code, address);
    await this.administration.changeCodeSecret(user.id, null);
  }

  private async requireCode({ id }: User, secret: string, code: string, address: string): Promise<void> {
    // Counted with the codes of log-ins: here as there they must not be free to guess.
    const isRight = await this.throttle.attempt(`totp ${id}`, address, async () => {
      const step = stepOfCode(code, secret);
      return step !== undefined && this.codes.use(id, step);
    });
    if (!isRight) throw forbidden('The one-time code is wrong, or was used before. Wait for the next one.');
  }
}

const forbidden = (message: string): KeystoneFault => new KeystoneFault('forbidden', message);
