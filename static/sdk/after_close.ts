/** What a client does after a close: come back, come back with another token, or stay away. */
export type AfterClose = "return" | "token_expired" | "token_refused" | "stop";

/** Reads a close code; the ranges 4000–4499 (come back) and 4500–4999 (do not) leave room for codes yet unknown. */
export function afterClose(code: number, reason: string): AfterClose {
  if (code === 1000) return "stop";
  if (code === 1008) return reason === "Token expired" ? "token_expired" : "token_refused";
  if (code === 4001) return "token_expired";
  if (code >= 4500 && code <= 4999) return "stop";
  return "return";
}
