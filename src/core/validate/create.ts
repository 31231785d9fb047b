import { type Issue, isFault } from '../fhir/issue.ts';
import { compileFhirPath } from '../fhirpath/compile.ts';
import { type ElementNode, UnsupportedDefinitionError } from './element.ts';
import { createFast, type Fast } from './fast.ts';
import { isExpected } from './fixed.ts';
import { createExpressions, refuseInvariant } from './invariant.ts';
import { isObject, own, text } from './json.ts';
import { rootPath } from './path.ts';
import { rangeFault } from './range.ts';
import { createRegistry } from './registry.ts';
import { checkResource } from './resource.ts';
import { FaultFlag, type Findings, IssueList, type Run, type Scope, type ValidatorOptions } from './run.ts';
import { createShapes } from './shape.ts';
import type { Definitions, ValidationRequest, Validator } from './validator.ts';
import { walkObject } from './walk.ts';

/**
 * Make a validator of R4 resources and their profiles.
 *
 * Definitions are compiled when first needed and kept. One that asks for something that cannot be checked here makes
 * the resource fail with `definition-unsupported`, naming it; nothing is skipped in silence.
 */
export function createValidator(definitions: Definitions, options: ValidatorOptions = {}): TwoTierValidator {
  const expressions = createExpressions(options.compileExpression ?? compileFhirPath);
  const registry = createRegistry(definitions, (rule) => refuseInvariant(expressions, rule));
  const shapes = createShapes(registry);

  const prepared: Run['prepared'] = new WeakMap();

  function newRun(request: ValidationRequest, issues: Findings): Run {
    const verdicts = new Map<object, Map<ElementNode, boolean>>();
    const reasons = new WeakMap<object, Map<ElementNode, string>>();
    const run: Run = {
      verdicts,
      registry,
      shapes,
      options,
      request,
      expressions,
      prepared,
      issues,
      seen: new Map(),
      bundles: new Map(),
      entries: new Map(),
      contained: new Map(),
      depth: { now: 0 },
      reasonAgainst: (value, node) => (isObject(value) ? reasons.get(value)?.get(node) : undefined),
      selects: (expression, value, scope) => selects(run, expression, value, scope),
      conforms(value, node, path, scope) {
        if (!isObject(value)) return primitiveConforms(value, node);
        let known = verdicts.get(value);
        if (known === undefined) {
          known = new Map();
          verdicts.set(value, known);
        }
        const verdict = known.get(node);
        if (verdict !== undefined) return verdict;
        // While it is being decided it counts as true: resources may refer to each other in a circle.
        known.set(node, true);
        const trial = { ...run, issues: new IssueList(), seen: new Map() };
        walkObject(trial, value, node, path, scope);
        known.set(node, !trial.issues.hasFault);
        const [first] = trial.issues.told({});
        if (first !== undefined && trial.issues.hasFault)
          reasons.set(value, (reasons.get(value) ?? new Map<ElementNode, string>()).set(node, reasonOf(first)));
        return !trial.issues.hasFault;
      },
    };
    return run;
  }

  function validate(resource: unknown, request: ValidationRequest = {}) {
    const issues = new IssueList();
    const run = newRun(request, issues);
    const path = rootPath(text(own(resource, 'resourceType')) ?? '');
    try {
      if (isObject(resource)) {
        checkResource(
          run,
          resource,
          { path, profiles: [], asked: request.profiles, expectedType: 'Resource', isContained: false },
          walkObject,
        );
      } else {
        run.issues.add(path, {
          code: 'resource-type',
          type: 'structure',
          message: 'A resource is a JSON object with a resourceType; send one.',
        });
      }
    } catch (error) {
      if (!(error instanceof UnsupportedDefinitionError)) throw error;
      run.issues.add(path, {
        code: 'definition-unsupported',
        type: 'not-supported',
        message: `${error.message} Nothing was checked by it; correct the definition, or do without it.`,
      });
    }
    return issues.told(request);
  }

  const flag = new FaultFlag();
  const quick = newRun({}, flag);
  let fast: Fast | undefined = createFast(newRun({}, new FaultFlag()));

  /** What the fast tier is not sure of, and what it cannot do on this platform, the thorough one decides. */
  function acceptsFast(resource: unknown, profiles: readonly string[]): boolean {
    if (fast === undefined || !isObject(resource)) return false;
    try {
      flag.hasFault = false;
      return fast.accepts(resource, profiles, quick);
    } catch (error) {
      if (error instanceof EvalError) fast = undefined;
      else if (!(error instanceof UnsupportedDefinitionError)) throw error;
      return false;
    } finally {
      forget(quick);
    }
  }

  return {
    validate,
    accepts(resource, profiles = []) {
      return acceptsFast(resource, profiles) || !validate(resource, { profiles }).some(isFault);
    },
    acceptsFast,
  };
}

/** A validator that also shows its fast tier alone, for the test that both tiers agree. */
export interface TwoTierValidator extends Validator {
  /** True only where `validate` finds no fault; false where the fast tier is not sure. */
  acceptsFast(resource: unknown, profiles: readonly string[]): boolean;
}

/** The worst fault of a value that does not conform, as part of a sentence. */
function reasonOf({ expression, message }: Issue): string {
  return `${expression}: ${message}`.slice(0, 500);
}

/** What a run remembers of one resource is nothing to the next. */
function forget(run: Run): void {
  for (const memory of [run.verdicts, run.seen, run.bundles, run.entries, run.contained])
    if (memory.size > 0) memory.clear();
  run.depth.now = 0;
}

/** A profile of a primitive type says something of its `value`. */
function primitiveConforms(value: unknown, root: ElementNode): boolean {
  const nodes = [root, root.children?.get('value') ?? root];
  return nodes.every(
    (node) => node.expected.every((expected) => isExpected(value, expected)) && rangeFault(value, node) === undefined,
  );
}

function selects(run: Run, expression: string, value: unknown, scope: Scope): boolean {
  const found = run.expressions
    .of(expression)
    .evaluate(scope.resource, { resource: scope.resource, rootResource: scope.container });
  return found.includes(value);
}
