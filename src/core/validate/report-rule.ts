import type { Path } from './path.ts';
import { typeUrl } from './registry.ts';
import type { Finding, Run } from './run.ts';

/** Report what breaks a rule that R4 tells in words, with the element of R4's own definition that the rule is about. */
export function reportRule(run: Run, element: string, path: Path, finding: Finding): void {
  const [type = element] = element.split('.');
  const node = run.registry.profile(element === type ? typeUrl(type) : `${typeUrl(type)}#${element}`);
  run.issues.add(path, { ...finding, node });
}
