import { codeSet, judgeCode } from './binding.ts';
import type { BindingRule } from './element.ts';
import type { FastLinks } from './fast-link.ts';
import { quote, type Source } from './fast-source.ts';
import { isValidPrimitive } from './primitive.ts';
import type { CodeSet } from './validator.ts';

/** A condition that is true where a value surely does not break a binding. */
export interface BindingCode {
  readonly code: string;
  /** Whether it is true for well-formed values of the type only, so that the form needs no check of its own. */
  readonly isWhole: boolean;
}

/** @returns undefined when nothing could break the binding. */
export function bindingCode(
  links: FastLinks,
  source: Source,
  binding: BindingRule,
  type: string,
  name: string,
): BindingCode | undefined {
  if (binding.strength === 'extensible') return undefined;
  const set = binding.local?.set ?? codeSet(links.still.registry.definitions, binding.valueSet);
  if (set === undefined || set.incomplete) return undefined;
  if (type === 'code' || type === 'string' || type === 'uri' || type === 'id')
    return plainCode(source, set, type, name);
  const coding = codingTest(source, set);
  if (type === 'Coding') return { code: `${coding}(${name})`, isWhole: false };
  if (type !== 'CodeableConcept') {
    // A quantity without a code has none that could be outside.
    return { code: `(${name}.code===undefined||${coding}(${name}))`, isWhole: false };
  }
  const some = source.helper('v', (frame) => {
    const [list, at] = [frame.variable(), frame.variable()];
    return `${list}=v.coding;if(!Array.isArray(${list}))return false;for(${at}=0;${at}<${list}.length;${at}++)if(${coding}(${list}[${at}]))return true;return false;`;
  });
  return { code: `${some}(${name})`, isWhole: false };
}

function plainCode(source: Source, set: CodeSet, type: string, name: string): BindingCode {
  if (set.openSystems.size > 0) {
    const test = (value: unknown) => typeof value === 'string' && judgeCode(set, undefined, value) !== 'outside';
    return { code: `${source.constant(test)}(${name})`, isWhole: false };
  }
  const plain = [...set.codes].filter((code) => code.startsWith('|')).map((code) => code.slice(1));
  const codes = new Set(plain.filter((code) => isValidPrimitive(type, code)));
  return { code: `${source.constant(codes)}.has(${name})`, isWhole: true };
}

/** Name of a test of one coding; by system, so that no text has to be put together to look up a code. */
function codingTest(source: Source, set: CodeSet): string {
  const systems = new Map<string, Set<string>>();
  for (const entry of set.codes) {
    const bar = entry.indexOf('|');
    const system = entry.slice(0, bar);
    const codes = systems.get(system) ?? new Set<string>();
    systems.set(system, codes.add(entry.slice(bar + 1)));
  }
  const isOpen = (system: string, code: string) =>
    set.openSystems.has(system) && judgeCode(set, system, code) !== 'outside';
  return source.helper('v', (frame) => {
    const [system, code, codes] = [frame.variable(), frame.variable(), frame.variable()];
    const [bySystem, open] = [source.constant(systems), source.constant(isOpen)];
    const isText = (variable: string) => `typeof ${variable}===${quote('string')}`;
    const read = `if(typeof v!=="object"||v===null)return false;${code}=v.code;${system}=v.system;`;
    const known = `((${codes}=${bySystem}.get(${system}))!==undefined&&${codes}.has(${code}))`;
    const otherwise = set.openSystems.size > 0 ? `||${open}(${system},${code})` : '';
    return `${read}return ${isText(code)}&&${isText(system)}&&(${known}${otherwise});`;
  });
}
