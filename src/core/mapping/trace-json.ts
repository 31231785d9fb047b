import type { TracedResult } from './mapping.ts';

interface Parameter {
  readonly name: string;
  readonly valueString?: string;
  readonly valueInteger?: number;
  readonly part?: readonly Parameter[];
}

/**
 * A trace as a FHIR Parameters resource: one `trace` parameter an output element, with the parts `target`, `source`
 * (repeating), `map`, `group`, `rule`, `line`, `transform` and `conceptMapRow`; one `dropped` an input leaf that no rule
 * read. The shape follows the debug trace that FHIRPath and mapping-language tools exchange
 * (https://hl7.org/fhir/R4/parameters.html); it holds paths, never values.
 */
export function traceParameters(
  mapping: { readonly url: string; readonly version: string },
  traced: TracedResult,
): { readonly resourceType: 'Parameters'; readonly parameter: readonly Parameter[] } {
  const text = (name: string, valueString: string): Parameter => ({ name, valueString });
  const entries = traced.trace.map((entry): Parameter => {
    const { map, group, rule, line } = entry.place;
    const row = entry.conceptMapRow === undefined ? [] : [text('conceptMapRow', entry.conceptMapRow)];
    const sources = entry.sources.map((source) => text('source', source));
    return {
      name: 'trace',
      part: [
        text('target', entry.target),
        ...sources,
        text('map', map),
        text('group', group),
        text('rule', rule),
        { name: 'line', valueInteger: line },
        text('transform', entry.transform),
        ...row,
      ],
    };
  });
  const dropped = traced.dropped.map((path) => text('dropped', path));
  return {
    resourceType: 'Parameters',
    parameter: [text('mapping', mapping.url), text('version', mapping.version), ...entries, ...dropped],
  };
}
