/** Whether a text starts with a scheme, as an absolute URI does: https://www.rfc-editor.org/rfc/rfc3986#section-4.3 */
export function isAbsolute(url: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]{0,31}:/.test(url);
}
