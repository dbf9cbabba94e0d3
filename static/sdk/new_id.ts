/**
 * A name no other command or message has: the time, so that an index of ids grows at its end, and 128 random bits. Works
 * on pages without HTTPS too, unlike `randomUUID`.
 */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Date.now().toString(36) + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
