import type { ElementNode } from './element.ts';
import { type JsonObject, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import { isAbsolute } from './resolve.ts';
import type { Run } from './run.ts';

/** Rules of datatypes that their definitions tell in words only. */
export function checkDatatype(run: Run, value: JsonObject, type: string, node: ElementNode, path: Path): void {
  if (type === 'Coding') checkCoding(run, value, node, path);
}

/** A coding's system is an absolute URI, and its code one of that system's: https://hl7.org/fhir/R4/datatypes.html#Coding */
function checkCoding(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  const system = text(own(value, 'system'));
  const code = text(own(value, 'code'));
  if (system === undefined) return;
  if (!isAbsolute(system)) {
    run.issues.add(at(path, 'system'), {
      code: 'coding-system',
      type: 'value',
      message: 'The system of a coding must be an absolute URI; correct it.',
      node,
    });
    return;
  }
  if (code === undefined) return;
  const known = run.registry.definitions.codeSystem(system);
  if (known === undefined || known.has(code)) return;
  run.issues.add(path, {
    code: 'code-unknown',
    type: 'code-invalid',
    message: `The code '${code.slice(0, 64)}' is not in the code system ${system.slice(0, 128)}; correct it.`,
    node,
  });
}
