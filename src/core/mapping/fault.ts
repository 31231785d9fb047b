/**
 * What stops a mapping while it runs. The message never holds a value of the input; whoever catches it knows the rule
 * and the source element and adds them.
 */
export class Fault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'Fault';
    this.code = code;
  }
}

/** What a value is, for errors that must not show it. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
