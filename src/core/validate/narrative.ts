import type { ElementNode } from './element.ts';
import type { Path } from './path.ts';
import type { Run } from './run.ts';
import { checkXhtml, hasOutsideImage } from './xhtml.ts';

/** The narrative's div: the safe subset of XHTML, https://hl7.org/fhir/R4/narrative.html#security */
export function checkNarrative(run: Run, value: string, node: ElementNode, path: Path): void {
  const faults = checkXhtml(value);
  for (const fault of faults.slice(0, 10)) {
    run.issues.add(path, { code: 'narrative', type: 'invalid', message: fault, node, rule: 'txt-1' });
  }
  if (faults.length > 0 || !hasOutsideImage(value)) return;
  const message =
    'The narrative shows an image from another server, which learns that it is read; put the image into the resource (data: or #id).';
  run.issues.add(path, { severity: 'warning', code: 'narrative-image', type: 'security', message, node });
}
