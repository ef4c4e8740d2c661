import { ConfigInvalidError } from '../errors/catalogue.js';
import type { NodePlan } from './node-plan.js';

/**
 * Refuses a plan in which an output would follow two functions: each would undo what the other does.
 *
 * @throws HYP_CONFIG_INVALID naming every output at fault
 */
export function refuseSharedOutputs({ functions = {} }: NodePlan): void {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const [name, { outputs = {} }] of Object.entries(functions)) {
    for (const output of Object.values(outputs)) {
      const owner = owners.get(output);
      if (owner === undefined) owners.set(output, name);
      else problems.push(`${name}: "${owner}" moves ${output} already; an output follows one function`);
    }
  }
  if (problems.length > 0) throw new ConfigInvalidError({ problems });
}
