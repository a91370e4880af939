import { type Config, InvalidConfig, readConfig } from '../../config/config.js';
import { CliError, EXIT } from '../cli-error.js';

/** The settings of the service in the environment. Throws CliError with every problem, a line each. */
export function serviceConfig(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    const problems = error.problems.map((each) => `  ${each}`);
    throw new CliError(['These settings are wrong:', ...problems].join('\n'), EXIT.config, { cause: error });
  }
}
