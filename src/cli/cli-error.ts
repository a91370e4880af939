import { EXIT, type ExitCode } from './exit-codes.js';

/** What went wrong and what to do about it, on one line; never with a secret in it. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'CliError';
  }
}

/** The user asked to stop. */
export class Interrupted extends CliError {
  constructor(message = 'Interrupted.') {
    super(message, EXIT.interrupted);
    this.name = 'Interrupted';
  }
}
