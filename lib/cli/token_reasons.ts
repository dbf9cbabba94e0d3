import { type Header, readHeader, readSigned } from "../auth/jwt.ts";
import type { Keys } from "../auth/keys.ts";
import type { TokenVerifierOptions } from "../auth/token_verifier.ts";
import { describeDuration } from "./duration.ts";
import { printable } from "./printable.ts";

type Claims = Readonly<Record<string, unknown>>;

/** Seconds since 1970 reach this in the year 5138; milliseconds did in 1973. */
const SURELY_MS = 1e11;
const LEEWAY_SECONDS = 5;
const MAX_LENGTH = 8_192;

/** Reads what a token claims, without believing it; `undefined` for what is not a token. */
export function readClaims(token: string): Claims | undefined {
  try {
    const bytes = Uint8Array.fromBase64(token.split(".")[1] ?? "", { alphabet: "base64url" });
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** Every reason there is to refuse a token that the verifier has refused. */
export async function explainRefusal(
  token: string,
  keys: Keys,
  options: TokenVerifierOptions,
): Promise<string[]> {
  if (token.length > MAX_LENGTH) return [`it has ${token.length} characters, and may have ${MAX_LENGTH}`];
  const header = readHeader(token);
  const claims = readClaims(token);
  if (header === undefined || claims === undefined) {
    return [
      "it is not a JSON Web Token: that is three parts with dots between, two of them JSON in base64url",
    ];
  }
  const reasons = [
    ...await explainSignature(token, header, claims, keys, options),
    ...explainTimes(claims, options.maxAgeSeconds, Date.now() / 1000),
    ...explainOrigin(claims, options),
  ];
  const { rooms } = claims;
  if (rooms !== undefined && !(Array.isArray(rooms) && rooms.every((room) => typeof room === "string"))) {
    reasons.push("rooms must be a list of names");
  }
  if (reasons.length > 0) return reasons;
  return ["it names nobody: sub, or userId, must be 1 to 128 characters, none of them control characters"];
}

async function explainSignature(
  token: string,
  header: Header,
  { exp, nbf, iat }: Claims,
  keys: Keys,
  { algorithm }: TokenVerifierOptions,
): Promise<string[]> {
  if (header.alg !== algorithm) {
    return [`its algorithm is ${show(header.alg)}, and the server takes only ${algorithm} (JWT_ALGORITHM)`];
  }
  if (header.crit !== undefined) return ["it has a crit header: it asks for what the server does not know"];
  const key = await keys.find(header);
  if (key === undefined) return [`no key called ${show(header.kid)} is at JWT_JWKS_URL`];
  // A time that is none keeps the signature from being looked at.
  const hasTimes = [exp, nbf, iat].every((time) => time === undefined || typeof time === "number");
  if (!hasTimes || await readSigned(token, key) !== undefined) return [];
  const secret = algorithm === "HS256" ? "secret" : "key";
  return [`its signature is wrong: it was made with another ${secret}, or changed afterwards`];
}

function explainTimes({ exp, nbf, iat }: Claims, maxAgeSeconds: number, now: number): string[] {
  const reasons = [];
  if (typeof exp !== "number") reasons.push(`exp must be a time in seconds since 1970, and is ${show(exp)}`);
  else if (exp > SURELY_MS) {
    reasons.push(`exp must be in seconds since 1970, and ${exp} looks like milliseconds`);
  } else if (exp > now + maxAgeSeconds) {
    const [is, over] = [exp - now, exp - now - maxAgeSeconds].map((seconds) =>
      describeDuration(seconds * 1000)
    );
    reasons.push(`it is good for ${is}, which is ${over} more than it may be (JWT_MAX_AGE_SECONDS)`);
  } else if (exp <= now) {
    reasons.push(`it expired ${describeDuration((now - exp) * 1000)} ago, at ${timeOf(exp)}`);
  }
  for (const [name, time] of [["nbf", nbf], ["iat", iat]] as const) {
    if (time === undefined) continue;
    if (typeof time !== "number") {
      reasons.push(`${name} must be a time in seconds since 1970, and is ${show(time)}`);
    } else if (time > now + LEEWAY_SECONDS) {
      const ahead = describeDuration((time - now) * 1000);
      reasons.push(`it is not valid for another ${ahead} (${name} ${timeOf(time)}): is a clock wrong?`);
    }
  }
  return reasons;
}

function explainOrigin({ iss, aud }: Claims, { issuer, audience }: TokenVerifierOptions): string[] {
  const reasons = [];
  if (issuer !== undefined && iss !== issuer) {
    reasons.push(`iss is ${show(iss)}, and must be ${show(issuer)}`);
  }
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (audience !== undefined && !audiences.includes(audience)) {
    reasons.push(`aud is ${show(aud)}, and must be ${show(audience)}`);
  }
  return reasons;
}

function timeOf(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? String(seconds) : time.toISOString();
}

function show(claim: unknown): string {
  return claim === undefined ? "missing" : printable(JSON.stringify(claim)).slice(0, 200);
}
