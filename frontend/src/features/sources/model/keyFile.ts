/** What a file of a certificate or key holds, as the API takes it: PEM as it is, DER as base64. */
export function toKeyText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.trimStart().startsWith('-----BEGIN')
    ? text
    : btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
