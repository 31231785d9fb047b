import type { Evaluate, ExpressionPlan, ScriptPart } from './plan.ts';
import type { Run } from './run.ts';

/** What a script answers when the data has not the shape of its model: the FHIRPath engine decides then. */
export const bailed: unique symbol = Symbol('bail');

export type Script = (run: Run, focus: unknown, ...variables: readonly unknown[]) => unknown;

/** The functions that scripts call. */
export const scriptHelp = {
  bailed,
  bail: (): never => {
    throw bailed;
  },
  /** Part of an expression by the engine: whether it is true, or false; neither for an empty result. */
  leaf: (
    evaluate: Evaluate | undefined,
    run: Run,
    focus: unknown,
    variables: Readonly<Record<string, readonly unknown[]>>,
    wanted: boolean,
  ): boolean => {
    const result = evaluate?.(focus, variables, run) ?? [];
    if (result.length > 1) throw bailed;
    return result.length === 1 && (result[0]?.value !== false) === wanted;
  },
  list: (value: unknown): readonly unknown[] => (value === undefined || value === null ? [] : [value]),
};

/** A script as declarations, its function last; `leaves` is the code of the array of its leaves. */
export function scriptFunction(expression: ExpressionPlan, part: ScriptPart, leaves: string): string {
  const parameters = ['R', 'f', ...expression.variables.map((variable) => `w${variable.slot}`)].join(', ');
  const { name, code, declarations } = part;
  const first = part.leaves.length === 0 ? [] : [`const ${name}leaves = ${leaves};`];
  // Only data of a wrong shape makes a script give up: constant ones need no net.
  const body = code.includes('bail()') || part.declarations.length > 0 || part.leaves.length > 0 ? netted(code) : code;
  return [...first, ...declarations, `function ${name}(${parameters}) { ${body} }`].join('\n');
}

function netted(code: string): string {
  return `try { ${code} } catch (error) { if (error === BAIL) return error; throw error; }`;
}

/** The preamble that scripts need. */
export const scriptPreamble = 'const bail = S.bail, BAIL = S.bailed;';

const built = new WeakMap<ScriptPart, Script>();

/** A script on its own, for the interpreter. */
export function scriptOf(expression: ExpressionPlan, part: ScriptPart): Script {
  const known = built.get(part);
  if (known !== undefined) return known;
  const source = `'use strict'; ${scriptPreamble} ${scriptFunction(expression, part, 'L')}\nreturn ${part.name};`;
  const made = new Function('S', 'L', source)(scriptHelp, part.leaves) as Script;
  built.set(part, made);
  return made;
}
