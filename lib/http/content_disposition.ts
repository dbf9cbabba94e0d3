/** What RFC 8187 §3.2.1 lets stand as it is. */
const PLAIN = /[A-Za-z0-9!#$&+.^_`|~-]/;

/** Writes `Content-Disposition` (RFC 6266) with a file name in any script, and a plain one for old readers. */
export function contentDisposition(type: "inline" | "attachment", name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  return `${type}; filename="${plain}"; filename*=UTF-8''${encode(name)}`;
}

function encode(name: string): string {
  let text = "";
  for (const byte of new TextEncoder().encode(name.toWellFormed())) {
    const character = String.fromCharCode(byte);
    text += PLAIN.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
