import type { Issue, IssueType, Severity } from '../fhir/issue.ts';
import { worstFirst } from '../fhir/issue.ts';
import { issueLimit } from '../fhir/outcome.ts';
import type { FhirPathExpression } from '../fhirpath/expression.ts';
import type { Prepared } from './discriminator-value.ts';
import type { DiscriminatorRule, ElementNode } from './element.ts';
import type { JsonObject } from './json.ts';
import { expressionOf, jsonPathOf, type Path } from './path.ts';
import type { Registry } from './registry.ts';
import type { Shapes } from './shape.ts';
import type { ValidationRequest } from './validator.ts';

/** Deeper objects are refused: the same limit as that of the JSON reader, so recursion is bounded in both tiers. */
export const depthLimit = 64;

/** How strict a validator is where the standard leaves it open. */
export interface ValidatorOptions {
  /** What an extension without a known definition is; `information` unless said otherwise. */
  readonly unknownExtension?: Severity;
  /** What a display is that its known code system does not have; `warning` unless said otherwise. */
  readonly wrongDisplay?: Severity;
  /** Whether a URL of example.org, a reserved name that no real system can have, is a fault. */
  readonly refuseExampleUrls?: boolean;
  /** Compiles FHIRPath; ours unless said otherwise. */
  readonly compileExpression?: (expression: string) => FhirPathExpression;
  /** `now()` and `today()` in invariants: an instant with time zone. */
  readonly now?: () => string;
}

/** The resource that a value belongs to. */
export interface Scope {
  readonly resource: JsonObject;
  /** The outermost resource that contains it: itself, unless it is contained. */
  readonly container: JsonObject;
  readonly path: Path;
  /** The Bundle (or Parameters) entry that it stands in, from inside to outside. */
  readonly bundle?: BundleScope;
  readonly isContained: boolean;
}

/** A Bundle seen from one of its entries. */
export interface BundleScope {
  readonly bundle: JsonObject;
  readonly entry: JsonObject;
  readonly outer?: BundleScope;
}

/** One validation under way. */
export interface Run {
  readonly registry: Registry;
  readonly shapes: Shapes;
  readonly options: ValidatorOptions;
  readonly request: ValidationRequest;
  readonly issues: Findings;
  /** Objects and the nodes they were already held to: keeps the work linear where definitions overlap. */
  readonly seen: Map<object, Set<ElementNode>>;
  /** What `conforms` has found so far. */
  readonly verdicts: Map<object, Map<ElementNode, boolean>>;
  /** Whether a value satisfies a node; asked by slices, references and `conformsTo`. */
  readonly conforms: (value: unknown, node: ElementNode, path: Path, scope: Scope) => boolean;
  /** The worst fault that `conforms` found in a value, as `place: sentence`. */
  readonly reasonAgainst: (value: unknown, node: ElementNode) => string | undefined;
  readonly expressions: { of(expression: string): FhirPathExpression };
  /** Discriminators of slices, worked out; kept with the validator. */
  readonly prepared: WeakMap<ElementNode, Map<DiscriminatorRule, Prepared>>;
  /** Whether a FHIRPath on the resource selects the value; asked by the context of extensions. */
  readonly selects: (expression: string, value: unknown, scope: Scope) => boolean;
  readonly depth: { now: number };
  /** Contained resources of the containers met so far, by id. */
  readonly contained: Map<JsonObject, Map<string, JsonObject>>;
  /** Which entry each resource of the Bundles met so far stands in. */
  readonly entries: Map<JsonObject, Map<unknown, JsonObject>>;
  /** Entries of the Bundles met so far, by URL. */
  readonly bundles: Map<JsonObject, Map<string, JsonObject[]>>;
}

/** Where checks put what they find. */
export interface Findings {
  add(path: Path, finding: Finding): void;
  readonly hasFault: boolean;
}

export interface Finding {
  readonly severity?: Severity;
  readonly code: string;
  readonly type: IssueType;
  /** A function where it takes work to say: it is asked only when the issue is one of those that are told. */
  readonly message: string | (() => string);
  readonly node?: ElementNode;
  readonly rule?: string;
}

/** Only remembers whether there was a fault: all that the fast tier asks. */
export class FaultFlag implements Findings {
  hasFault = false;

  add(_path: Path, finding: Finding): void {
    const severity = finding.severity ?? 'error';
    if (severity === 'error' || severity === 'fatal') this.hasFault = true;
  }
}

/** Collects issues: each thing once, and no more of a severity than can be told. */
export class IssueList implements Findings {
  readonly #issues: {
    readonly path: Path;
    readonly finding: Finding;
    readonly message: string;
    readonly expression: string;
  }[] = [];
  readonly #known = new Set<string>();
  readonly #counts = new Map<Severity, number>();
  hasFault = false;

  add(path: Path, finding: Finding): void {
    const severity = finding.severity ?? 'error';
    if (severity === 'error' || severity === 'fatal') this.hasFault = true;
    const count = this.#counts.get(severity) ?? 0;
    if (count >= issueLimit) return;
    const expression = expressionOf(path);
    const message = typeof finding.message === 'string' ? finding.message : finding.message();
    const identity = `${finding.code} ${expression} ${message}`;
    if (this.#known.has(identity)) return;
    this.#known.add(identity);
    this.#counts.set(severity, count + 1);
    this.#issues.push({ path, finding, message, expression });
  }

  /** Worst first, at most 200, with positions where the text is known. */
  told(request: ValidationRequest): readonly Issue[] {
    const issues = this.#issues.map(({ path, finding, message, expression }): Issue => {
      const position = request.locate?.(jsonPathOf(path));
      return {
        severity: finding.severity ?? 'error',
        code: finding.code,
        type: finding.type,
        expression,
        message,
        ...(position ? { line: position.line, column: position.column } : {}),
        ...(finding.node ? { profile: finding.node.profile, element: finding.node.id } : {}),
        ...(finding.rule ? { rule: finding.rule } : {}),
      };
    });
    return worstFirst(issues).slice(0, issueLimit);
  }
}
