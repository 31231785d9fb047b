import type { ElementNode } from './element.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import type { Run } from './run.ts';

/** Rules of datatypes that their definitions tell in words only. */
export function checkDatatype(run: Run, value: JsonObject, type: string, node: ElementNode, path: Path): void {
  if (type === 'Coding' && path.parent?.fhirType !== 'CodeableConcept') checkCoding(run, value, node, path);
  if (type !== 'CodeableConcept') return;
  for (const [index, coding] of list(own(value, 'coding')).entries()) {
    if (isObject(coding)) checkCoding(run, coding, node, at(path, 'coding', index));
  }
}

/** A coding's system is an absolute URI, and its code one of that system's: https://hl7.org/fhir/R4/datatypes.html#Coding */
function checkCoding(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  const system = text(own(value, 'system'));
  const code = text(own(value, 'code'));
  if (system === undefined) return;
  const facts = run.registry.system(system);
  if (!facts.isAbsolute) {
    run.issues.add(at(path, 'system'), {
      code: 'coding-system',
      type: 'value',
      message: 'The system of a coding must be an absolute URI; correct it.',
      node,
    });
    return;
  }
  if (code === undefined) return;
  const known = facts.codes;
  if (known === undefined) return;
  if (known.has(code)) {
    checkDisplay(run, value, system, code, node, path);
    return;
  }
  run.issues.add(path, {
    code: 'code-unknown',
    type: 'code-invalid',
    message: `The code '${code.slice(0, 64)}' is not in the code system ${system.slice(0, 128)}; correct it.`,
    node,
  });
}

/** A display must be one of its code's: https://hl7.org/fhir/R4/datatypes-definitions.html#Coding.display */
function checkDisplay(run: Run, value: JsonObject, system: string, code: string, node: ElementNode, path: Path): void {
  const display = text(own(value, 'display'));
  const known = display === undefined ? undefined : run.registry.definitions.displays?.(system, code);
  if (display === undefined || known === undefined || known.length === 0) return;
  const special = node.bindings.flatMap((binding) => binding.local?.displays.get(`${system}|${code}`) ?? []);
  if ([...known, ...special].some((one) => plain(one) === plain(display))) return;
  run.issues.add(at(path, 'display'), {
    severity: run.options.wrongDisplay ?? 'warning',
    code: 'display-wrong',
    type: 'value',
    message: `The display is not that of ${system.slice(0, 128)}#${code.slice(0, 64)}, which is '${known[0] ?? ''}'; correct the display or the code.`,
    node,
  });
}

function plain(display: string): string {
  return display.trim().replace(/\s+/g, ' ').toLowerCase();
}
