import { type Refusal, refusal } from './answer.ts';

/** https://hl7.org/fhir/R4/http.html#mime-type */
export const fhirJson = 'application/fhir+json';
const jsonTypes: ReadonlySet<string> = new Set([fhirJson, 'application/json', 'text/json']);
/** What `_format` may say; a `+` that was not escaped reads as a space. */
const formats: ReadonlySet<string> = new Set(['json', 'application/fhir json', ...jsonTypes]);

/** @returns Why the answer cannot have the form that the caller asks for; `_format` goes before Accept. */
export function checkAccept(accept: string | undefined, format: string | null): Refusal | undefined {
  if (format !== null) return formats.has(mediaType(format)) && rightRelease(format) ? undefined : notAcceptable();
  if (accept === undefined || accept.trim() === '') return undefined;
  const wanted = accept.split(',').some((range) => {
    const type = mediaType(range);
    const fits = type === '*/*' || type === 'application/*' || jsonTypes.has(type);
    return fits && !/;\s*q=0(\.0{0,3})?\s*($|;)/i.test(range) && rightRelease(range);
  });
  return wanted ? undefined : notAcceptable();
}

/** @returns Why a body of this type cannot be read. */
export function checkContentType(contentType: string | undefined, taken: readonly string[]): Refusal | undefined {
  const charset = /;\s*charset="?([^";\s]+)"?/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  const known = taken.includes(mediaType(contentType ?? '')) && rightRelease(contentType ?? '');
  if (known && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return undefined;
  const message = `The body has another type than this address reads; it reads ${taken.join(' and ')}, in UTF-8 and FHIR R4 (4.0).`;
  return refusal(415, 'unsupported-media-type', 'not-supported', message, { Accept: taken.join(', ') });
}

/** `Prefer` as FHIR has it. https://hl7.org/fhir/R4/http.html#ops */
export interface Preference {
  readonly returns: 'minimal' | 'representation' | 'OperationOutcome';
  /** Unknown search parameters are refused, not ignored. */
  readonly strict: boolean;
}

export function preference(prefer: string | undefined): Preference {
  const wishes = (prefer ?? '').split(/[,;]/).map((wish) => wish.trim().replaceAll('"', ''));
  const returns = wishes.find((wish) => wish.startsWith('return='))?.slice('return='.length);
  return {
    returns: returns === 'minimal' || returns === 'OperationOutcome' ? returns : 'representation',
    strict: wishes.includes('handling=strict'),
  };
}

function notAcceptable(): Refusal {
  const message = `The answer would be ${fhirJson} of FHIR R4, which the Accept header or _format does not allow.`;
  return refusal(406, 'not-acceptable', 'not-supported', message);
}

function mediaType(value: string): string {
  return (value.split(';')[0] ?? '').trim().toLowerCase();
}

/** The parameter `fhirVersion`, where it is given. https://hl7.org/fhir/R4/http.html#version-parameter */
function rightRelease(value: string): boolean {
  const release = /;\s*fhirVersion="?([^";\s]+)"?/i.exec(value)?.[1];
  return release === undefined || release === '4.0' || release === '4.0.1';
}
