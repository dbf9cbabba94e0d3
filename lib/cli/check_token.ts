import { parseArgs } from "node:util";
import { TokenVerifier } from "../auth/token_verifier.ts";
import { ConfigError, type Environment, readConfig } from "../config.ts";
import { openKeys } from "../server.ts";
import { type Command, startCommand, UsageError } from "./command.ts";
import { describeDuration } from "./duration.ts";
import { printable } from "./printable.ts";
import { explainRefusal, readClaims } from "./token_reasons.ts";

const HELP =
  `Says whether the server lets a token in, and if not, why: with the settings of this machine, and to nobody else.

  deno task check-token [<token>]

  <token>  as it stands, or as an "Authorization: Bearer …" header; without it, the standard input or PARLEY_TOKEN

It needs JWT_SECRET, or JWT_PUBLIC_KEY or JWT_JWKS_URL with JWT_ALGORITHM, as the server has them. Prints no secret, and
not the token.

Ends with 0 if the token is good, with 1 if it is refused, with 2 if the arguments make no sense.`;

/** Lines that say what a token is good for. */
export interface TokenReport {
  readonly isGood: boolean;
  readonly lines: string[];
}

/** Looks at a token as the server would, and says what it thinks of it. */
export async function checkToken(token: string, environment: Environment): Promise<TokenReport> {
  const config = readConfig(environment);
  const { jwt } = config;
  if (jwt.algorithm === "HS256" && jwt.secret === undefined) {
    throw new ConfigError("JWT_SECRET must be set, to the same value as for the server");
  }
  const keys = await openKeys(config, jwt.secret ?? "");
  const verdict = await new TokenVerifier(keys, jwt).verify(token);
  if (typeof verdict === "object") {
    const { userId, username, role, rooms, expiresAt } = verdict;
    return {
      isGood: true,
      lines: [
        `user     ${printable(userId)}, called ${printable(username)}`,
        `role     ${role}`,
        `rooms    ${rooms === undefined ? "all" : printable(rooms.join(", ")) || "none"}`,
        `expires  in ${describeDuration(expiresAt - Date.now())}, ${new Date(expiresAt).toISOString()}`,
        "The server lets it in.",
      ],
    };
  }
  if (verdict === "unavailable") {
    throw new ConfigError("JWT_JWKS_URL gives no keys now, so nothing can be said");
  }
  const reasons = await explainRefusal(token, keys, jwt);
  const name = readClaims(token)?.sub;
  const whose = typeof name === "string" ? [`It says it is for ${printable(name)}.`] : [];
  return {
    isGood: false,
    lines: ["The server refuses it:", ...reasons.map((reason) => `- ${reason}`), ...whose],
  };
}

/** Checks the token that it is given, in whichever way. */
export const checkTokenCommand: Command = {
  help: HELP,
  async run({ args, environment, print, readInput }) {
    const { positionals } = parseArgs({ args, allowPositionals: true });
    if (positionals.length > 3) throw new UsageError("only one token can be checked");
    const text = positionals.join(" ") || await readInput() || environment("PARLEY_TOKEN") || "";
    const token = text.trim().replace(/^(Authorization:\s*)?Bearer\s+/i, "");
    if (token === "") throw new UsageError("a token must be given");
    const { isGood, lines } = await checkToken(token, environment);
    for (const line of lines) print(line);
    return isGood ? 0 : 1;
  },
};

if (import.meta.main) await startCommand(checkTokenCommand);
