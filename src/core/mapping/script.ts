import { declared } from './expression-path.ts';
import type { Evaluate, ExpressionPlan, ScriptPart } from './plan.ts';
import type { Run } from './run.ts';

/** What a script answers when the data has not the shape of its model: the FHIRPath engine decides then. */
export const bailed: unique symbol = Symbol('bail');

export type Script = (run: Run, focus: unknown, ...variables: readonly unknown[]) => unknown;

/** The functions that scripts call. */
export const scriptHelp = {
  bailed,
  /** Part of an expression by the engine: whether it is true, or false; neither for an empty result. */
  leaf: (
    evaluate: Evaluate | undefined,
    run: Run,
    focus: unknown,
    variables: Readonly<Record<string, readonly unknown[]>>,
    wanted: boolean,
  ): boolean | typeof bailed => {
    const result = evaluate?.(focus, variables, run) ?? [];
    if (result.length > 1) return bailed;
    return result.length === 1 && (result[0]?.value !== false) === wanted;
  },
  list: (value: unknown): readonly unknown[] => (value === undefined || value === null ? [] : [value]),
};

/** A script as declarations, its function last, which answers `BAIL` where it gave up. */
export function scriptFunction(expression: ExpressionPlan, part: ScriptPart, leaves: string): string {
  const { name, code, locals, declarations } = part;
  const parameters = ['R', 'f', ...expression.variables.map((variable) => `w${variable.slot}`)].join(', ');
  const first = part.leaves.length === 0 ? [] : [`const ${name}leaves = ${leaves};`];
  const answer = `const answer = ${code}; return hasBailed() ? settled(BAIL) : answer;`;
  return [...first, ...declarations, `function ${name}(${parameters}) { ${declared(locals)}${answer} }`].join('\n');
}

/**
 * The preamble that scripts need. A script that gives up goes on with `false` and leaves a flag, which costs nothing
 * where it is not raised and no exception where it is.
 */
export const scriptPreamble =
  'const BAIL = S.bailed; let B = false; const bail = () => { B = true; return false; }, hasBailed = () => B, settled = (answer) => { B = false; return answer; };';

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
