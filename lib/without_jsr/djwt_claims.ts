/** The claims of a token; times are seconds since the Unix epoch. */
export interface Payload {
  iss?: string;
  sub?: string;
  aud?: string[] | string;
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [key: string]: unknown;
}

/** What `verify` checks besides the signature; leeways are seconds and 1 by default. */
export type VerifyOptions = {
  expLeeway?: number;
  nbfLeeway?: number;
  ignoreExp?: boolean;
  ignoreNbf?: boolean;
  audience?: string | string[] | RegExp;
  predicates?: (<P extends Payload>(payload: P) => boolean)[];
};

/** Throws when the claims are used outside their time. */
export function checkTiming(payload: Payload, options: VerifyOptions): void {
  const { expLeeway = 1, nbfLeeway = 1, ignoreExp, ignoreNbf } = options;
  const { exp, nbf } = payload;
  if (!isTime(exp) || !isTime(nbf)) throw new Error("The jwt has an invalid 'exp' or 'nbf' claim.");
  const nowSeconds = Date.now() / 1000;
  if (exp !== undefined && ignoreExp !== true && exp + expLeeway < nowSeconds) {
    throw new RangeError("The jwt is expired.");
  }
  if (nbf !== undefined && ignoreNbf !== true && nbf - nbfLeeway > nowSeconds) {
    throw new RangeError("The jwt is used too early.");
  }
}

/** Throws when none of the token's audiences is one of those expected. */
export function checkAudience(aud: unknown, audience: string | string[] | RegExp): void {
  if (aud === undefined) throw new Error("The jwt has no 'aud' claim.");
  const named = Array.isArray(aud) ? aud : [aud];
  if (!named.every((name) => typeof name === "string")) {
    throw new Error("The jwt has an invalid 'aud' claim.");
  }
  const isExpected = audience instanceof RegExp
    ? (name: string) => audience.test(name)
    : (name: string) => [audience].flat().includes(name);
  if (!named.some(isExpected)) {
    throw new Error("The identification with the value in the 'aud' claim has failed.");
  }
}

function isTime(claim: unknown): claim is number | undefined {
  return claim === undefined || typeof claim === "number";
}
