import { guestMode, policyOf } from '../../policy/policy-file.js';
import { listPolicies } from '../../policy/policy.js';
import type { GlobalOptions } from '../global-options.js';
import { showList } from '../output/show.js';
import { serviceConfig } from './service-config.js';

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
