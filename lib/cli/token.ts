import { parseArgs } from "node:util";
import { TokenIssuer } from "../auth/token_issuer.ts";
import { ConfigError, type Environment, readConfig } from "../config.ts";
import { type Command, startCommand, UsageError } from "./command.ts";
import { parseDuration } from "./duration.ts";

const HELP = `Prints a token that a server with the same JWT_SECRET lets in.

  deno task token <user> [--name "First User"] [--rooms "general,team-*"] [--role admin] [--ttl 1h]

  <user>   the user's id, also as --user
  --name   the name that others see (default: the id)
  --rooms  the rooms the token is limited to, separated by commas (default: all)
  --role   admin administers the server
  --ttl    how long it is good: 30s, 15m, 1h, 7d (default: 1h)

Ends with 0, with 1 if the settings do not allow it, with 2 if the arguments make no sense.`;

/** Makes the token that the arguments ask for. Rejects with one sentence where they make no sense. */
export async function makeToken(args: string[], environment: Environment): Promise<string> {
  const options = { user: text, name: text, rooms: text, role: text, ttl: text };
  const { values, positionals: [first, ...rest] } = parseArgs({ args, options, allowPositionals: true });
  const { user = first, name = user, rooms, role, ttl = "1h" } = values;
  if (!user) throw new UsageError("the user's id must be given");
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is not understood`);
  if (role !== undefined && role !== "admin") throw new UsageError('--role must be "admin", or left out');
  const ttlMs = parseDuration(ttl);
  if (ttlMs === undefined || ttlMs === 0) throw new UsageError("--ttl must look like 30s, 15m, 1h or 7d");
  const { secret, algorithm, issuer, audience, maxAgeSeconds } = readConfig(environment).jwt;
  if (algorithm !== "HS256") {
    throw new ConfigError("JWT_ALGORITHM must be HS256: other tokens are made elsewhere");
  }
  if (secret === undefined) {
    throw new ConfigError("JWT_SECRET must be set, to the same value as for the server");
  }
  const ttlSeconds = ttlMs / 1000;
  if (ttlSeconds > maxAgeSeconds) throw new UsageError("--ttl must not be longer than JWT_MAX_AGE_SECONDS");
  const issuerOfTokens = await TokenIssuer.open(secret);
  const { token } = await issuerOfTokens.issue({
    userId: user,
    username: name ?? user,
    ttlSeconds,
    role,
    rooms: rooms?.split(",").map((room) => room.trim()),
    issuer,
    audience,
  });
  return token;
}

const text = { type: "string" } as const;

const token: Command = {
  help: HELP,
  async run({ args, environment, print }) {
    print(await makeToken(args, environment));
    return 0;
  },
};

if (import.meta.main) await startCommand(token);
