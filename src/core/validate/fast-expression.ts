import { type Node, parseFhirPath } from '../fhirpath/parser.ts';
import { comparison } from './fast-comparison.ts';
import { compilePath } from './fast-expression-path.ts';
import { type Condition, type Focus, giveUp, isTrue, onlyValue, type Path, type Place } from './fast-path.ts';
import { type Frame, quote } from './fast-source.ts';
import type { Registry } from './registry.ts';

/**
 * Compile an invariant of the common kind (paths, ofType, where, exists, comparison with literals, logic) to JavaScript
 * on plain JSON, the structure being known from the definition.
 *
 * @returns An expression of whether it surely holds: false means that the FHIRPath engine must be asked, as does
 *   `notSure` when it is thrown. Undefined when the invariant uses more than this subset.
 * @see http://hl7.org/fhirpath/N1/
 */
export function compileCondition(
  expression: string,
  place: Place,
  registry: Registry,
): ((frame: Frame, from: string) => string) | undefined {
  let condition: Condition | undefined;
  try {
    condition = conditionOf(parseFhirPath(expression).node, { registry, conditionOf, place });
  } catch {
    // Not even FHIRPath: the engine says so when it is asked.
    return undefined;
  }
  if (condition === undefined) return undefined;
  const { isBoolean, code } = condition;
  return (frame, from) => (isBoolean ? code(frame, from) : `(${code(frame, from)})===1`);
}

function conditionOf(node: Node, focus: Focus): Condition | undefined {
  if (node.kind === 'literal') return typeof node.value === 'boolean' ? boolean(() => String(node.value)) : undefined;
  if (node.kind === 'binary') return logic(node.operator, node.left, node.right, focus);
  if (node.kind === 'call') return callCondition(node, focus);
  return truthOf(compilePath(node, focus));
}

function boolean(code: Condition['code']): Condition {
  return { isBoolean: true, code };
}

/** A condition that may be empty: FHIRPath's three-valued logic, 0 false, 1 true, 2 empty. */
function threeValued(code: Condition['code']): Condition {
  return { isBoolean: false, code };
}

/** A single value as a condition: a boolean is itself, anything else is true. */
function truthOf(path: Path | undefined): Condition | undefined {
  return (
    path &&
    threeValued((frame, from) => {
      const value = frame.variable();
      return `((${value}=${onlyValue(path, frame, from)})===undefined?2:${value}===false?0:1)`;
    })
  );
}

function callCondition(node: Node & { kind: 'call' }, focus: Focus): Condition | undefined {
  const { name, base } = node;
  const [argument] = node.arguments;
  if (name === 'not' && base !== undefined) {
    const inner = conditionOf(base, focus);
    return inner && flip(inner);
  }
  const path = base === undefined ? undefined : compilePath(base, focus);
  if (path === undefined) return undefined;
  if (name === 'exists' && argument === undefined) return boolean((frame, from) => exists(path, frame, from));
  if (name === 'empty') return boolean((frame, from) => `!(${exists(path, frame, from)})`);
  // A place that can hold extensions only is given up, so what is there has a value.
  if (name === 'hasValue' && path.one !== undefined) return boolean((frame, from) => `(${exists(path, frame, from)})`);
  if (name === 'exists' && argument !== undefined) {
    const filter = path.place === undefined ? undefined : conditionOf(argument, { ...focus, place: path.place });
    return filter && boolean((frame, from) => some(path, frame, from, (inner, value) => isTrue(filter, inner, value)));
  }
  if (name === 'startsWith' || name === 'endsWith') return partOfText(name, path, argument);
  return truthOf(compilePath(node, focus));
}

function exists(path: Path, frame: Frame, from: string): string {
  if (path.exists !== undefined) return path.exists(frame, from);
  if (path.one !== undefined) return `(${path.one(frame, from)})!==undefined`;
  return some(path, frame, from, () => 'true');
}

/** A call of a helper that goes through the values of a path until one of them passes. */
function some(path: Path, frame: Frame, from: string, test: (frame: Frame, value: string) => string): string {
  const name = frame.source.helper(
    'v,s',
    (inner) => `${path.visit(inner, 'v', (value) => `if(${test(inner, value)})return true;`)}return false;`,
  );
  return `${name}(${from},s)`;
}

function partOfText(name: 'startsWith' | 'endsWith', path: Path, argument: Node | undefined): Condition | undefined {
  if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return undefined;
  const part = quote(argument.value);
  return threeValued((frame, from) => {
    const value = frame.variable();
    const unsure = `${frame.source.constant(giveUp)}()`;
    return `((${value}=${onlyValue(path, frame, from)})===undefined?2:typeof ${value}!=="string"?${unsure}:${value}.${name}(${part})?1:0)`;
  });
}

function flip({ isBoolean, code }: Condition): Condition {
  if (isBoolean) return boolean((frame, from) => `!(${code(frame, from)})`);
  return threeValued((frame, from) => {
    const value = frame.variable();
    return `((${value}=${code(frame, from)})===2?2:1-${value})`;
  });
}

type Operator = (Node & { kind: 'binary' })['operator'];

function logic(operator: Operator, left: Node, right: Node, focus: Focus): Condition | undefined {
  const isLogic = operator === 'and' || operator === 'or' || operator === 'implies' || operator === 'xor';
  const [a, b] = [conditionOf(left, focus), conditionOf(right, focus)];
  const areBoolean = a?.isBoolean === true && b?.isBoolean === true;
  if (!isLogic && !(areBoolean && (operator === '=' || operator === '!=')))
    return comparison(operator, left, right, focus);
  if (a === undefined || b === undefined) return undefined;
  if (operator === 'and') return and(a, b);
  if (operator === 'or') return or(a, b);
  if (operator === 'implies') return or(flip(a), b);
  const sign = operator === '=' ? '===' : '!==';
  if (areBoolean) return boolean((frame, from) => `((${a.code(frame, from)})${sign}(${b.code(frame, from)}))`);
  return threeValued((frame, from) => {
    const [one, other] = [frame.variable(), frame.variable()];
    return `(${one}=${truth(a, frame, from)},${other}=${truth(b, frame, from)},${one}===2||${other}===2?2:${one}===${other}?0:1)`;
  });
}

function truth({ isBoolean, code }: Condition, frame: Frame, from: string): string {
  return isBoolean ? `((${code(frame, from)})?1:0)` : code(frame, from);
}

function and(a: Condition, b: Condition): Condition {
  if (a.isBoolean && b.isBoolean)
    return boolean((frame, from) => `((${a.code(frame, from)})&&(${b.code(frame, from)}))`);
  return decided(a, b, 0);
}

function or(a: Condition, b: Condition): Condition {
  if (a.isBoolean && b.isBoolean)
    return boolean((frame, from) => `((${a.code(frame, from)})||(${b.code(frame, from)}))`);
  return decided(a, b, 1);
}

/** `and`, which one false decides, and `or`, which one true decides; otherwise the result is empty if either is. */
function decided(a: Condition, b: Condition, by: 0 | 1): Condition {
  return threeValued((frame, from) => {
    const [one, other] = [frame.variable(), frame.variable()];
    const second = `(${other}=${truth(b, frame, from)})===${by}?${by}:${one}===2||${other}===2?2:${1 - by}`;
    return `((${one}=${truth(a, frame, from)})===${by}?${by}:${second})`;
  });
}
