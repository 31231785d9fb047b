/** Where a reference points: at us, at the partner's server, or inside of what was sent. */
export type Place =
  | { readonly at: 'ours' | 'theirs' | 'either'; readonly type: string; readonly id: string }
  | { readonly at: 'contained'; readonly id: string }
  | { readonly at: 'elsewhere' }
  | { readonly at: 'nowhere' };

/** Ids are checked before they become part of an address. */
export function placeOf(reference: unknown, theirs: string, ours: string): Place {
  if (typeof reference !== 'string' || reference.startsWith('urn:')) return { at: 'nowhere' };
  if (reference.startsWith('#')) return { at: 'contained', id: reference.slice(1) };
  const isAbsolute = reference.includes('://') || reference.startsWith('//');
  const base = [theirs, ours].find((one) => reference.startsWith(`${one}/`));
  if (isAbsolute && base === undefined) return { at: 'elsewhere' };
  const path = base === undefined ? reference : reference.slice(base.length + 1);
  const [, type, id] =
    /^([A-Z][A-Za-z]{1,40})\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/.exec(path) ?? [];
  if (type === undefined || id === undefined || /^\.+$/.test(id)) return { at: 'nowhere' };
  return { at: base === undefined ? 'either' : base === ours ? 'ours' : 'theirs', type, id };
}
