/** What the process ends with; scripts may rely on these numbers. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  denied: 3,
  notFound: 4,
  conflict: 5,
  unreachable: 6,
  /** sysexits.h, EX_CONFIG. */
  config: 78,
  /** 128 + SIGINT, as in shells. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The numbers for people, at the end of `latchkey --help`. */
export const EXIT_CODES_TEXT = `Exit status:
  0    success
  1    the service refused, or the command failed
  2    invalid command line
  3    not signed in, or not allowed
  4    no such keypair or guest
  5    the keypair or file exists already, or differs from what was expected
  6    the service cannot be reached, or does not answer
  78   invalid settings (serve, migrate, config, keypair check)
  130  interrupted`;

/** An error with what to do about it, on one line and without secrets. */
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

/** The command line, its input or its configuration is wrong; the message ends with what to do. */
export class UsageError extends CliError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, EXIT.usage, options);
    this.name = 'UsageError';
  }
}

/** The user interrupted the command. */
export class Interrupted extends CliError {
  constructor(message = 'Interrupted.') {
    super(message, EXIT.interrupted);
    this.name = 'Interrupted';
  }
}
