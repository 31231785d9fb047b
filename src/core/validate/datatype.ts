import { isAbsolute } from './absolute-url.ts';
import type { ElementNode } from './element.ts';
import { isObject, type JsonObject, list, own, text } from './json.ts';
import { at, type Path } from './path.ts';
import type { Run } from './run.ts';
import { shownToken } from './shown.ts';
import { isUcum } from './ucum.ts';

/** Rules of datatypes that their definitions tell in words only. */
export function checkDatatype(run: Run, value: JsonObject, type: string, node: ElementNode, path: Path): void {
  if (type === 'Coding' && path.parent?.fhirType !== 'CodeableConcept') checkCoding(run, value, node, path);
  if (type === 'Identifier') checkIdentifier(run, value, node, path);
  if (isQuantity(type)) checkQuantity(run, value, node, path);
  if (type === 'Attachment') checkAttachment(run, value, node, path);
  if (type !== 'CodeableConcept') return;
  for (const [index, coding] of list(own(value, 'coding')).entries()) {
    if (isObject(coding)) checkCoding(run, coding, node, at(path, 'coding', index));
  }
}

const quantities = new Set(['Quantity', 'Age', 'Duration', 'Distance', 'Count', 'SimpleQuantity', 'MoneyQuantity']);

/** Whether a type is Quantity or one made from it. */
export function isQuantity(type: string): boolean {
  return quantities.has(type);
}

function checkQuantity(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  if (isUnitKnown(value)) return;
  run.issues.add(at(path, 'code'), {
    code: 'code-unknown',
    type: 'code-invalid',
    message: `${shownToken(text(own(value, 'code')) ?? '')} is no unit of UCUM, the system that the quantity names; write it as UCUM does, for example 'mm[Hg]', 'kg' or '{score}', and what people read in unit.`,
    node,
  });
}

/** Units of UCUM are written by its grammar: https://hl7.org/fhir/R4/datatypes.html#Quantity */
export function isUnitKnown(quantity: JsonObject): boolean {
  const code = text(own(quantity, 'code'));
  return code === undefined || own(quantity, 'system') !== 'http://unitsofmeasure.org' || isUcum(code);
}

function checkAttachment(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  if (isSizeRight(value)) return;
  const message =
    'The size of an attachment is that of its data in bytes, which is another; correct it or leave it out.';
  run.issues.add(at(path, 'size'), { code: 'attachment-size', type: 'value', message, node });
}

/** "The number of bytes of data that make up this attachment (before base64 encoding)": https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.size */
export function isSizeRight(attachment: JsonObject): boolean {
  const [data, size] = [own(attachment, 'data'), own(attachment, 'size')];
  if (typeof data !== 'string' || typeof size !== 'number') return true;
  const plain = data.replace(/[\s=]/g, '');
  return Math.floor((plain.length * 3) / 4) === size;
}

/** Who gave an identifier is an absolute URI: https://hl7.org/fhir/R4/datatypes.html#Identifier */
function checkIdentifier(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  for (const [name, message] of identifierFaults(value)) {
    run.issues.add(at(path, name), { code: `identifier-${name}`, type: 'value', message, node });
  }
}

export function identifierFaults(value: JsonObject): readonly (readonly ['system' | 'value', string])[] {
  const system = text(own(value, 'system'));
  const identity = text(own(value, 'value'));
  if (system !== undefined && !isAbsolute(system)) {
    return [['system', 'The system of an identifier must be an absolute URI, such as a URL or urn:oid:…; correct it.']];
  }
  if (system !== 'urn:ietf:rfc:3986' || identity === undefined || isAbsolute(identity)) return [];
  return [['value', 'An identifier of the system urn:ietf:rfc:3986 is itself a URI, such as urn:uuid:…; correct it.']];
}

/** A coding's system is an absolute URI, and its code one of that system's: https://hl7.org/fhir/R4/datatypes.html#Coding */
function checkCoding(run: Run, value: JsonObject, node: ElementNode, path: Path): void {
  const system = text(own(value, 'system'));
  const code = text(own(value, 'code'));
  if (system === undefined) return;
  const facts = run.registry.system(system);
  if (facts.fault !== undefined) {
    run.issues.add(at(path, 'system'), {
      code: 'coding-system',
      type: 'value',
      message: facts.fault,
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
    // HL7's terminology grows between releases of FHIR: a code that is not known here may be newer.
    ...(system.startsWith('http://terminology.hl7.org/') ? { severity: 'warning' as const } : {}),
    code: 'code-unknown',
    type: 'code-invalid',
    message: `The code ${shownToken(code)} is not in the code system ${system.slice(0, 128)}; correct it.`,
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
    message: `The display is not that of ${system.slice(0, 128)}#${shownToken(code)}, which is '${known[0] ?? ''}'; correct the display or the code.`,
    node,
  });
}

function plain(display: string): string {
  return display.trim().replace(/\s+/g, ' ').toLowerCase();
}
