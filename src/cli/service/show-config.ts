import { SETTINGS } from '../../config/config.js';
import type { Setting } from '../../config/settings.js';
import { guestMode, policyOf } from '../../policy/policy-file.js';
import { listPolicies } from '../../policy/policy.js';
import type { GlobalOptions } from '../global-options.js';
import { MASK } from '../output/masked.js';
import { type Row, showList } from '../output/show.js';
import { serviceConfig } from './service-config.js';

/** Shows the effective settings of the service, if all of them are valid. */
export async function showConfig(options: GlobalOptions): Promise<void> {
  serviceConfig();
  const rows = Object.values<Setting<unknown>>(SETTINGS).map((setting) => rowOf(setting, process.env));
  await showList(['Setting', 'Value', 'From'], rows, options);
}

function rowOf({ variable, fallback }: Setting<unknown>, environment: NodeJS.ProcessEnv): Row {
  const written = environment[variable];
  if (written) return { Setting: variable, Value: mask(variable, written), From: 'environment' };
  return { Setting: variable, Value: fallback, From: fallback === undefined ? 'unset' : 'default' };
}

/** Masks secrets with stars; of a URL only its password. Paths of files with secrets are shown. */
function mask(variable: string, written: string): string {
  if (/(PASSWORD|SECRET|TOKEN)$/.test(variable)) return MASK;
  // Node's URL cannot read several hosts, and takes a / in the password for the end of the host; so the text is searched instead.
  return written
    .replace(/^([a-z]+:\/\/[^:@/?#]*):.*@/i, `$1:${MASK}@`)
    .replace(/([?&][^=&#]*(?:password|secret|token|(?<!ssl)key)=)[^&#]*/gi, `$1${MASK}`);
}

/** Shows the rules in force, and where each is from. */
export async function listPolicyRules(options: GlobalOptions): Promise<void> {
  const config = serviceConfig();
  const rules = policyOf(config.policyFile, guestMode(config));
  const rows = listPolicies(guestMode(config)).map(({ name, rule, description }) => {
    const text = rules.text(name)!;
    return { Name: name, Rule: text, From: text === rule ? 'default' : 'POLICY_FILE', Description: description };
  });
  await showList(['Name', 'Rule', 'From', 'Description'], rows, options);
}
