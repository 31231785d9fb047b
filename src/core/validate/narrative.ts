import type { ElementNode } from './element.ts';
import type { Path } from './path.ts';
import type { Run } from './run.ts';
import { checkXhtml } from './xhtml.ts';

/** The narrative's div: the safe subset of XHTML, https://hl7.org/fhir/R4/narrative.html#security */
export function checkNarrative(run: Run, value: string, node: ElementNode, path: Path): void {
  for (const fault of checkXhtml(value).slice(0, 10)) {
    run.issues.add(path, { code: 'narrative', type: 'invalid', message: fault, node, rule: 'txt-1' });
  }
}
