import type { FastLinks } from './fast-link.ts';
import { isValidPrimitive } from './primitive.ts';
import type { KnownSystem, Registry } from './registry.ts';

/** Systems that are remembered; more are looked up each time, so that a sender cannot fill the memory. */
const systemLimit = 2000;

interface System {
  /** Whether it is a well-formed and absolute URI, and so may be the system of a coding. */
  readonly isSystem: boolean;
  /** Undefined when not all of its codes are known here, or when others may have been added since. */
  readonly codes: KnownSystem['codes'];
}

/** As `checkCoding`, with all that is known of a system found by one look. */
export function codingTest(registry: Registry): FastLinks['coding'] {
  const systems = new Map<string, System>();

  function find(url: string): System {
    const { fault, codes } = registry.system(url);
    const isOpen = url.startsWith('http://terminology.hl7.org/');
    const system = {
      isSystem: fault === undefined && isValidPrimitive('uri', url),
      codes: isOpen ? undefined : codes,
    };
    if (systems.size < systemLimit) systems.set(url, system);
    return system;
  }

  return (url, code) => {
    if (typeof url !== 'string') return url === undefined;
    const system = systems.get(url) ?? find(url);
    if (!system.isSystem) return false;
    return system.codes === undefined || typeof code !== 'string' || system.codes.has(code);
  };
}
