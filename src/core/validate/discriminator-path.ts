/** One step of a discriminator's path: the few FHIRPath forms that the standard allows there. */
export type Step =
  | { readonly kind: 'child' | 'extension' | 'type'; readonly name: string }
  | { readonly kind: 'resolve' };

/**
 * Read a discriminator's path, for example `$this.resolve()`, `code.coding` or `extension('http://…').value`.
 *
 * @returns Its steps; undefined when it uses something outside the restricted FHIRPath.
 * @see https://hl7.org/fhir/R4/profiling.html#discriminator
 */
export function parseDiscriminatorPath(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let rest = path.trim();
  while (rest !== '') {
    const quoted = /^extension\(['"]([^'"]{1,512})['"]\)/.exec(rest);
    const typed = /^(?:ofType|as)\(([A-Za-z][A-Za-z0-9.]{0,63})\)/.exec(rest);
    const name = /^(?:\$this|[A-Za-z][A-Za-z0-9]{0,63})(?:\[x\])?/.exec(rest);
    let taken = '';
    if (quoted) {
      taken = quoted[0];
      steps.push({ kind: 'extension', name: quoted[1] ?? '' });
    } else if (typed) {
      taken = typed[0];
      steps.push({ kind: 'type', name: (typed[1] ?? '').replace('FHIR.', '') });
    } else if (rest.startsWith('resolve()')) {
      taken = 'resolve()';
      steps.push({ kind: 'resolve' });
    } else if (name) {
      taken = name[0];
      if (taken !== '$this') steps.push({ kind: 'child', name: taken.replace('[x]', '') });
    } else {
      return undefined;
    }
    rest = rest.slice(taken.length);
    if (rest.startsWith('.') && rest.length > 1) rest = rest.slice(1);
    else if (rest !== '') return undefined;
  }
  return steps;
}
