const KINDS = "use memory:, kv:, sqlite: and a file, as in sqlite:data/parley.db, " +
  "or the address of a Redis, as in redis://localhost:6379";

/** Says in one sentence, without a password, why no store can have this address; `undefined` if one can. */
export function findAddressProblem(url: string): string | undefined {
  const colon = url.indexOf(":");
  const scheme = url.slice(0, colon + 1);
  const rest = url.slice(colon + 1);
  if (["kv:", "redis:", "rediss:"].includes(scheme)) return undefined;
  if (scheme === "sqlite:" && isFile(rest) || scheme === "memory:" && rest === "") return undefined;
  // The whole is not repeated: other stores have passwords in their addresses.
  const wrong = scheme === "sqlite:" || scheme === "memory:"
    ? `"${url}"`
    : `a store of the kind "${scheme || url}"`;
  return `Cannot open ${wrong}: ${KINDS}`;
}

/** `sqlite://data/x.db` reads as if it were relative, and is not. */
function isFile(path: string): boolean {
  return path !== "" && path !== ":memory:" && !/^\/\/[^/]/.test(path) && !path.endsWith("/");
}
