import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import { openKeys } from "../server.ts";
import { openStore } from "../store/open_store.ts";
import { inspectDatabase } from "../store/sqlite_inspect.ts";
import { type Check, failure, type Finding, ok, warning } from "./checks.ts";
import { describeDuration } from "./duration.ts";
import { printable } from "./printable.ts";

const PATIENCE_MS = 3_000;
/** Tokens are refused where clocks are further apart. */
const MAX_SKEW_MS = 5_000;

/** Looks at what the settings name. */
export function serverChecks(config: Config): Check[] {
  const { jwt } = config;
  const keys: Check[] = jwt.publicKey === undefined ? [] : [() => checkKey(config)];
  if (jwt.jwksUrl !== undefined) keys.push(() => checkKeyServer(jwt.jwksUrl!));
  return [() => checkPort(config), () => checkStore(config), ...keys];
}

/** Says whether the port is free, or who has it. */
async function checkPort({ host: hostname, port }: Config): Promise<Finding> {
  if (port === 0) return ok("PORT is 0: a free one is taken");
  try {
    Deno.listen({ hostname, port }).close();
    return ok(`PORT ${port} is free`);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return await askWhoAnswers(hostname, port);
    if (error instanceof Deno.errors.PermissionDenied) {
      return failure(`PORT ${port} may not be used by this account`);
    }
    return failure(`HOST ${printable(hostname)} is not an address of this machine`);
  }
}

/** Says whether the store can be used, without opening it for writing where a server may have it open. */
async function checkStore(config: Config): Promise<Finding> {
  const { store } = config;
  const file = store.slice("sqlite:".length);
  if (!store.startsWith("sqlite:")) {
    const warnings: string[] = [];
    await using _ = await openStore(store, config, { warn: (text) => warnings.push(text) });
    if (warnings.length > 0) return warning(warnings.join("; "));
    return store.startsWith("memory:") ? ok("STORE is memory: nothing is kept") : ok("STORE can be opened");
  }
  if (!existsSync(file)) return ok(`The database ${file} is made when the server starts`);
  Deno.openSync(file, { append: true }).close();
  const { rooms, activeAt = 0, isOld } = inspectDatabase(file);
  if (activeAt > Date.now() + MAX_SKEW_MS) {
    return warning(`The database ${file} was used in the future: is the clock behind?`);
  }
  const later = isOld ? ", and is brought up to date when the server starts" : "";
  return ok(`The database ${file} can be used: it holds ${rooms} room${rooms === 1 ? "" : "s"}${later}`);
}

async function askWhoAnswers(hostname: string, port: number): Promise<Finding> {
  const name = { "0.0.0.0": "127.0.0.1", "::": "[::1]" }[hostname] ?? hostname;
  try {
    const address = `http://${
      name.includes(":") && !name.startsWith("[") ? `[${name}]` : name
    }:${port}/health`;
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { status, connections, uptimeMs } = await response.json();
    if (typeof status === "string" && typeof connections === "number") {
      const since = typeof uptimeMs === "number" ? `, for ${describeDuration(uptimeMs)}` : "";
      const text = `PORT ${port} is a running server's, with ${connections} connections${since}`;
      return status === "ok" ? ok(text) : warning(`${text}; it says that it is ${printable(status)}`);
    }
  } catch {
    // It speaks something else, or not at all.
  }
  return failure(`PORT ${port} is taken by another program`);
}

async function checkKey(config: Config): Promise<Finding> {
  await openKeys(config, "");
  return ok(`JWT_PUBLIC_KEY is a key for ${config.jwt.algorithm}`);
}

/** Says whether the key server answers, and whether it agrees on the time. */
async function checkKeyServer(url: string): Promise<Finding> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
  const date = Date.parse(response.headers.get("date") ?? "");
  const { keys } = await response.json();
  if (!response.ok || !Array.isArray(keys)) return failure("JWT_JWKS_URL does not answer with keys");
  const skewMs = Math.abs(date - Date.now());
  if (skewMs > MAX_SKEW_MS) {
    return warning(
      `The clock is ${describeDuration(skewMs)} apart from the key server's: tokens may be refused`,
    );
  }
  return ok(`JWT_JWKS_URL answers with ${keys.length} keys`);
}
