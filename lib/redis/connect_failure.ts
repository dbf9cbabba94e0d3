import { RedisUnavailable } from "./redis_error.ts";

const WANTS_CERTIFICATE = "it wants to be shown a certificate that it trusts: ?cert=…&key=…";

/** What Redis, its client and the runtime say when a connection is not made, and what that means; the first one holds. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  // A user who may not even name the connection.
  [/^NOPERM/, "the user lacks these rights: +@connection"],
  [/^(WRONGPASS|NOAUTH)|AUTH/, "it does not accept the user and password"],
  [/altnames|not valid for name/, "its certificate is for another host"],
  [/fatal alert: (UnknownCA|\w*Certificate)/, WANTS_CERTIFICATE],
  [/unsupported protocol/, "cert and key do not belong together, or it knows old ways to encrypt only"],
  // The runtime does not tell one from the other.
  [
    /certificate/,
    "its certificate has run out, or nobody who is trusted has issued it: DENO_CERT names whom to trust",
  ],
  [/fatal alert/, "it does not agree on how to encrypt"],
];

/** Why a connection was not made, without what Redis may repeat of what it was told. */
export function connectFailure(error: unknown, isEncrypted: boolean): RedisUnavailable {
  if (error instanceof RedisUnavailable) return error;
  const text = error instanceof Error ? error.message : "";
  return new RedisUnavailable(reasonOf(text, isEncrypted), { cause: error });
}

function reasonOf(text: string, isEncrypted: boolean): string {
  const reason = REASONS.find(([said]) => said.test(text));
  if (reason !== undefined) return reason[1];
  const refused = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ECONNRESET|ETIMEDOUT/.exec(text)?.[0];
  const hangsUp = refused === "ECONNRESET" || text.includes("closed unexpectedly");
  if (hangsUp) return `it hangs up, as if ${isEncrypted ? WANTS_CERTIFICATE : "it wants TLS: rediss://"}`;
  if (refused !== undefined) return `it cannot be reached (${refused})`;
  if (/^[A-Z]+ /.test(text)) return `it answers "${text.split(/[.,\r\n]/)[0]}"`;
  return "it cannot be reached";
}
