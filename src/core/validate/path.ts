/** Where a value stands, as a chain back to the root: nothing is written out until an issue needs it. */
export interface Path {
  readonly parent?: Path;
  /** Element name: `value` of `valueQuantity`. */
  readonly name: string;
  /** JSON key: `valueQuantity`; `_birthDate` for what stands beside a primitive. */
  readonly key: string;
  /** Type of a choice, for `value.ofType(Quantity)`. */
  readonly type?: string;
  readonly index?: number;
  /** FHIR type of what stands here, where known; extensions are allowed by it. */
  readonly fhirType?: string;
}

export function rootPath(name: string): Path {
  return { name, key: name, fhirType: name };
}

export function at(parent: Path, key: string, index?: number): Path {
  return { parent, name: key, key, index };
}

/** FHIRPath to the value, for example `Observation.value.ofType(Quantity).code`. */
export function expressionOf(path: Path): string {
  return write(path, (step) => (step.type === undefined ? step.name : `${step.name}.ofType(${step.type})`));
}

/** The same with JSON's own keys, for example `Observation.valueQuantity.code`, to find it in a text. */
export function jsonPathOf(path: Path): string {
  return write(path, (step) => step.key);
}

function write(path: Path, name: (step: Path) => string): string {
  const steps: string[] = [];
  for (let step: Path | undefined = path; step !== undefined; step = step.parent) {
    steps.push(step.index === undefined ? name(step) : `${name(step)}[${step.index}]`);
  }
  return steps.reverse().join('.');
}
