import type { Identity, Verdict } from "../auth/token_verifier.ts";
import { type Ending, ENDINGS } from "../protocol/codes.ts";

/** How a connection begins: as somebody, waiting to be told who, or only to be told why not. */
export type Opening = Identity | "unauthenticated" | Ending;

/** What a verdict on a token means for the connection that came with it. */
export function openingFor(verdict: Verdict): Identity | Ending {
  switch (verdict) {
    case "invalid":
      return ENDINGS.invalidToken;
    case "expired":
      return ENDINGS.expiredCredentials;
    case "unavailable":
      return ENDINGS.unavailable;
    default:
      return verdict;
  }
}
